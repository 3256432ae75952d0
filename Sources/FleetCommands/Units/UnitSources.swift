import DeployPlan
import Foundation
import Inventory

/// The sources of units and supervisors beside an inventory, rendered for services.
struct UnitSources {
    /// Why a service has no unit.
    struct Failure: Error, CustomStringConvertible {
        var service: String
        var reason: String
        var description: String { "\(service): \(reason)" }
    }

    /// The folder of the inventory file.
    let inventoryFolder: String

    /// The folder with the sources: beside the inventory's folder, or in it.
    private var folder: String {
        let candidates = [inventoryFolder + "/Units", inventoryFolder + "/../Units"]
        return candidates.first { FileManager.default.fileExists(atPath: $0) } ?? candidates[1]
    }

    /// The unit of a service: its name on the host and its text.
    func unit(of service: Service) throws -> (name: String, text: String) {
        let renderer = ServiceRenderer(service)
        let place = folder + "/" + (service.unit ?? renderer.unitName)
        let isThere = FileManager.default.fileExists(atPath: place)
        if service.unit != nil, !isThere {
            throw Failure(service: service.name.text, reason: "there is no \(place)")
        }
        let source =
            isThere ? try String(contentsOfFile: place, encoding: .utf8) : ServiceRenderer.plainUnit
        return (renderer.unitName, try renderer.unit(from: source, place: place))
    }

    /// The supervisor of a service for rc.local.
    func supervisor(of service: Service) throws -> String {
        let place = folder + "/rc-local/supervise.sh"
        let source = try String(contentsOfFile: place, encoding: .utf8)
        return try ServiceRenderer(service).supervisor(from: source, place: place)
    }
}
