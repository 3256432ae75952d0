// The operators' files, touched, removed, and in the way.
import Foundation
import MonitorFiles
import TestSupport
import Testing

@Suite struct ManualFilesTests {
    private let folder: TemporaryFolder
    private var files: ManualFiles

    init() throws {
        folder = try TemporaryFolder()
        files = ManualFiles(folder: folder.path)
    }

    private var charge: String { folder.path + "/pigenny_force_charge" }
    private var stop: String { folder.path + "/pigenny_force_stop" }

    private mutating func wishes(_ charge: Bool, _ stop: Bool) -> Bool {
        let read = files.read()
        return read.wishes.forceCharge == charge && read.wishes.forceStop == stop
            && read.notes.isEmpty
    }

    @Test mutating func presentIsAWishAndRemovedIsNone() throws {
        #expect(wishes(false, false))
        try folder.write("pigenny_force_charge", "")
        #expect(wishes(true, false))
        #expect(wishes(true, false))
        #expect(unlink(charge) == 0)
        #expect(wishes(false, false))
    }

    @Test mutating func aStopActsOnce() throws {
        try folder.write("pigenny_force_stop", "")
        #expect(wishes(false, true))
        #expect(wishes(false, true))
        #expect(files.consumeForceStop().isEmpty)
        #expect(!folder.has("pigenny_force_stop"))
        #expect(wishes(false, false))
        #expect(files.consumeForceStop().isEmpty)
    }

    @Test mutating func aStopTouchedWhileOneIsActedUponIsAnother() throws {
        try folder.write("pigenny_force_stop", "")
        #expect(wishes(false, true))
        #expect(unlink(stop) == 0)
        try folder.write("pigenny_force_stop", "again")
        #expect(files.consumeForceStop().isEmpty)
        #expect(folder.has("pigenny_force_stop"))
        #expect(wishes(false, true))
    }

    /// Root is refused nothing in a sticky folder; a file that may not be changed is refused to it
    /// as well.
    @Test mutating func aStopThatCannotBeRemovedActsOnce() async throws {
        try folder.write("pigenny_force_stop", "")
        let guarded = try await Shell.run(["chattr", "+i", stop])
        try #require(guarded.status == 0, "\(guarded.errorText)")
        #expect(wishes(false, true))
        let notes = files.consumeForceStop()
        #expect(
            notes == [.notRemoved(path: stop, reason: "unlink: Operation not permitted")])
        for _ in 0..<3 {
            #expect(wishes(false, false))
            #expect(files.consumeForceStop().isEmpty)
        }
        #expect(try await Shell.run(["chattr", "-i", stop]).status == 0)
        // Touched again, it acts again.
        #expect(try await Shell.run(["touch", stop]).status == 0)
        #expect(wishes(false, true))
        #expect(files.consumeForceStop().isEmpty)
        #expect(!folder.has("pigenny_force_stop"))
    }

    @Test(arguments: ["folder", "link", "pipe"])
    mutating func whatIsNoFileCountsAsNothing(kind: String) throws {
        try folder.write("a file", "")
        for path in [charge, stop] {
            switch kind {
            case "folder": #expect(mkdir(path, 0o755) == 0)
            case "link": #expect(symlink(folder.path + "/a file", path) == 0)
            default: #expect(mkfifo(path, 0o644) == 0)
            }
        }
        let first = files.read()
        #expect(first.wishes == ManualWishes())
        #expect(first.notes == [.noFile(path: charge), .noFile(path: stop)])
        #expect(wishes(false, false))
        #expect(files.consumeForceStop().isEmpty)
        #expect(remove(charge) == 0)
        try folder.write("pigenny_force_charge", "")
        #expect(wishes(true, false))
    }

    @Test mutating func anUnreadableFolderChangesNothing() throws {
        try folder.write("pigenny_force_charge", "")
        #expect(wishes(true, false))
        let away = folder.path + "-away"
        #expect(rename(folder.path, away) == 0)
        let lost = files.read()
        #expect(lost.wishes.forceCharge)
        let reason = "look into it: No such file or directory"
        #expect(lost.notes == [.unreadable(path: folder.path, reason: reason)])
        #expect(wishes(true, false))
        #expect(rename(away, folder.path) == 0)
        let found = files.read()
        #expect(found.notes == [.readable(path: folder.path)])
        #expect(found.wishes.forceCharge)
    }

    @Test func whereNothingWasEverReadNothingIsWished() throws {
        var files = ManualFiles(folder: folder.path + "/missing")
        #expect(files.read().wishes == ManualWishes())
        var file = ManualFiles(folder: "/dev/null")
        #expect(file.read().notes.count == 1)
    }

    @Test func theNamesAreTheOperators() {
        #expect(ManualFiles.usualFolder == "/tmp")
        #expect(ManualFiles.chargeName == "pigenny_force_charge")
        #expect(ManualFiles.stopName == "pigenny_force_stop")
    }
}
