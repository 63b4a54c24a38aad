/// Rules about inspections that came to no result. They say nothing about the bytes: another attempt may succeed.
enum AttemptRules {
    static let all: [Rule] = [
        Rule(
            .inspectionCrashed, .high, .undecided, "The inspection crashed",
            meaning:
                "The process that looked into the file ended before it could report. The file may be made to do that.",
            remedy: "Report the file as a defect of the registry, and do not use it until the cause is known."),
        Rule(
            .inspectionTimedOut, .medium, .undecided, "The inspection took too long",
            meaning: "The time for one file was used up. Nothing is known about what was not reached.",
            remedy: "Start the inspection again when the machine has less to do. If it fails again, suspect the file."),
        Rule(
            .inspectionUnintelligible, .high, .undecided, "The inspection did not answer with a report",
            meaning:
                "What the process that looked into the file left is not a report on it, or is longer than one may be.",
            remedy: "Report the file as a defect of the registry, and do not use it until the cause is known."),
        Rule(
            .inspectionOverloaded, .low, .undecided, "There was no room for the inspection",
            meaning: "Too many inspections were waiting, or the machine had no room for another process.",
            remedy: "Start the inspection again later."),
        Rule(
            .inspectionUnavailable, .medium, .undecided, "The inspector is not available",
            meaning: "The process that looks into files cannot be started or reached.",
            remedy: "Look for the cause in the server's log, then start the inspection again."),
    ]
}
