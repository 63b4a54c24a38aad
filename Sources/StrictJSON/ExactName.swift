/// A member name that is equal to another only when their bytes are.
///
/// The bytes are hashed too, not the characters: names that Swift takes for equal but that differ in bytes would all
/// fall into one bucket, and an outsider could write as many of them as they like.
struct ExactName: Hashable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: ExactName, right: ExactName) -> Bool {
        left.text.utf8.count == right.text.utf8.count && left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        let hashed: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if hashed == nil {
            for byte in text.utf8 {
                hasher.combine(byte)
            }
        }
    }
}
