import HistoryStore

extension HistoryStore {
    /// The history in its usual place; says where a damaged one was moved.
    static func opened(_ console: Console) throws(HistoryError) -> HistoryStore {
        let store = try HistoryStore()
        if let setAside = store.setAside {
            console.say("the history was damaged; it is kept as \(setAside), a new one begins")
        }
        return store
    }
}
