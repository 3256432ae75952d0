/// Chooses how hard to compress by how fast the link takes what comes out: a slow link leaves time
/// for a smaller stream, on a fast one compressing is what everybody waits for.
struct CompressionPace {
    /// zlib's levels that are used; each takes two to three times as long as the one before.
    static let levels: [Int32] = [1, 3, 6]
    /// Chunks that a choice is made from: one alone may have met a stutter.
    static let window = 2

    private var index = 1
    private var chunks = 0
    private var produced = Duration.zero
    private var waited = Duration.zero

    /// The level for the next bytes; 3 until something is known.
    var level: Int32 { Self.levels[index] }

    /// Takes in how long a chunk took to make, and how long the link had left us idle before it.
    mutating func note(produced: Duration, waited: Duration) {
        self.produced += produced
        self.waited += waited
        chunks += 1
        guard chunks >= Self.window else { return }
        if self.waited > self.produced * 3 {
            index = min(index + 1, Self.levels.count - 1)
        } else if self.waited * 4 < self.produced {
            index = max(index - 1, 0)
        }
        self = CompressionPace(index: index)
    }

    init() {}

    private init(index: Int) { self.index = index }
}
