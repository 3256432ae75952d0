/// The sections and keys that systemd knows.
public enum UnitVocabulary {
    /// The sections of a kind of unit.
    public static func sections(of kind: UnitName.Kind) -> [String] {
        let own: String? =
            switch kind {
            case .service: "Service"
            case .socket: "Socket"
            case .mount: "Mount"
            case .automount: "Automount"
            case .swap: "Swap"
            case .timer: "Timer"
            case .path: "Path"
            case .slice: "Slice"
            case .scope: "Scope"
            case .target, .device: nil
            }
        return ["Unit"] + (own.map { [$0] } ?? []) + ["Install"]
    }

    /// The keys of a section; nil where there is no such section.
    public static func keys(of section: String) -> Set<String>? { table[section] }

    private static let table: [String: Set<String>] = {
        let processes = resourceKeys.union(executionKeys).union(newerProcessKeys)
        return [
            "Unit": unitKeys.union(newerUnitKeys),
            "Service": serviceKeys.union(processes).union(newerServiceKeys),
            "Socket": socketKeys.union(processes).union(newerSocketKeys),
            "Mount": mountKeys.union(processes),
            "Automount": automountKeys,
            "Swap": swapKeys.union(processes),
            "Timer": timerKeys.union(newerTimerKeys),
            "Path": pathKeys,
            "Slice": resourceKeys.union(sliceKeys).union(newerProcessKeys),
            "Scope": resourceKeys.union(scopeKeys).union(newerProcessKeys),
            "Install": installKeys.union(newerInstallKeys),
        ]
    }()

    static func words(_ text: String) -> Set<String> {
        Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
    }

    /// The sections and keys of a file that systemd ignores in this kind of unit. What begins with
    /// `X-` is for others and never a problem.
    public static func problems(
        in file: UnitFile, of kind: UnitName.Kind
    ) -> [UnitProblem] {
        let known = sections(of: kind)
        var problems: [UnitProblem] = []
        for section in file.sections where !section.name.isEmpty {
            if known.contains(section.name) || section.name.hasPrefix("X-") { continue }
            problems.append(UnitProblem(kind: .unknownSection(section.name), line: section.line))
        }
        for assignment in file.assignments {
            guard known.contains(assignment.section), !assignment.key.hasPrefix("X-"),
                keys(of: assignment.section)?.contains(assignment.key) == false
            else { continue }
            let home = known.first { keys(of: $0)?.contains(assignment.key) == true }
            let kind: UnitProblem.Kind =
                if let home {
                    .misplacedKey(
                        assignment.key, section: assignment.section, belongsTo: home)
                } else {
                    .unknownKey(assignment.key, section: assignment.section)
                }
            problems.append(UnitProblem(kind: kind, line: assignment.line))
        }
        return problems.sorted { $0.line < $1.line }
    }

    // MARK: Newer than 252

    private static let newerUnitKeys = words(
        """
        SurviveFinalKillSignal ConditionVersion ConditionPathIsSocket ConditionKernelModuleLoaded
        AssertPathIsSocket AssertVersion AssertKernelModuleLoaded
        """)
    private static let newerServiceKeys = words(
        """
        OpenFile ReloadSignal RestartSteps RestartMaxDelaySec RestartMode RefreshOnReload
        FileDescriptorStorePreserve
        """)
    private static let newerSocketKeys = words(
        """
        PollLimitIntervalSec PollLimitBurst PassFileDescriptorsToExec PassPIDFD
        DeferTrigger DeferTriggerMaxSec
        """)
    private static let newerTimerKeys = words("DeferReactivation RandomizedOffsetSec")
    private static let newerInstallKeys = words("UpheldBy")
    private static let newerProcessKeys = words(
        """
        BindLogSockets CoredumpReceive DelegateSubgroup DelegateNamespaces ExtensionImagePolicy
        ImportCredential MemoryKSM MemoryPressureThresholdSec MemoryPressureWatch MemoryZSwapMax
        MemoryZSwapWriteback MountImagePolicy NFTSet PrivatePIDs
        RootEphemeral RootImagePolicy SetLoginEnvironment StartupMemoryZSwapMax
        ManagedOOMMemoryPressureDurationSec StateDirectoryQuota StateDirectoryAccounting
        CacheDirectoryQuota CacheDirectoryAccounting LogsDirectoryQuota LogsDirectoryAccounting
        UserNamespacePath PrivateBPF
        """)
}
