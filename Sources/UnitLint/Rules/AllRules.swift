extension LintRule {
    /// Every rule, the gravest first.
    public static let all: [LintRule] = [
        stopsGeneratorController, sharedPort, socketPortClash, replacedStillRuns, patternKill,
        secretInUnit, killModeEscapes, conflictsWithoutOrder, startLimitSection, execInvalid,
        missingPath, stopTimeout, sharedProgram, startLimitNeverTrips, restartUnlimited,
        restartMissing, rootWithoutNeed, shellLine, networkOnlineNotWanted, watchdogWithoutNotify,
        unknownSetting, notInstalled, notifyWithoutWatchdog, documentationMissing,
    ]
}
