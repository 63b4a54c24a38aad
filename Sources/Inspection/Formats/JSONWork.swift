import ModelFormats
import StrictJSON

/// What following a document takes, in units of about a nanosecond: in small values many walkers look at few bytes.
struct JSONWork {
    /// Paid at once.
    private static let stepUnits: UInt64 = 1_000_000
    /// Making a container, a name or a text, and telling it to those who look for something.
    private static let perContainer: UInt64 = 130
    private static let perName: UInt64 = 180
    private static let perText: UInt64 = 100
    private static let perPlainValue: UInt64 = 40
    /// What is compared with what is known besides, or kept.
    private static let perJudged: UInt64 = 700

    private let budget: ArchiveBudget
    private var units: UInt64 = 0
    private var judgedPaid = 0
    /// Why the rest of the document cannot be followed.
    private(set) var fault: FormatFault?

    init(_ budget: ArchiveBudget) {
        self.budget = budget
    }

    var isExhausted: Bool { fault != nil }
    var isDue: Bool { units >= Self.stepUnits }

    mutating func count(_ event: JSONEvent) {
        switch event {
        case .beginObject, .beginArray: units += Self.perContainer
        case .endObject, .endArray: break
        case .name(let name): units += Self.perName + UInt64(name.utf8.count)
        case .string(let text): units += Self.perText + UInt64(text.utf8.count)
        case .number, .bool, .null: units += Self.perPlainValue
        }
    }

    /// - Parameter judged: things that were judged since the document began.
    mutating func pay(_ judged: Int) {
        units += UInt64(judged - judgedPaid) * Self.perJudged
        judgedPaid = judged
        do throws(FormatFault) {
            try budget.spend(work: units)
        } catch {
            fault = error
        }
        units = 0
    }
}
