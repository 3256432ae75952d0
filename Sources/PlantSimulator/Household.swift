/// What the sun gives and what the house takes, by the time of day and the season. With noise each
/// day has its own clouds, and things are switched on and off every ten minutes; the same seed
/// gives the same century.
struct Household: Sendable {
    /// Set by hand; nil lets the sky and the clock decide.
    var sunFixed: Double?
    /// Set by hand; nil lets the clock decide.
    var loadFixed: Double?
    /// 0 clear to 1 overcast, set by hand; nil lets each day decide.
    var cloudsFixed: Double?

    private(set) var sunWatts = 0.0
    private(set) var loadWatts = 0.0
    private(set) var day: Int
    private(set) var second: Double
    /// Days since the beginning.
    private(set) var daysTotal = 0

    private let peak: Double
    private let latitudeSine: Double
    private let latitudeCosine: Double
    private var noise: Noise?
    private var clouds = 0.5
    private var flicker = 1.0
    private var extraWatts = 300.0
    private var untilDraw = 0.0
    /// Sine of the sun's height: its mean over the day and its swing.
    private var heightMean = 0.0
    private var heightSwing = 0.0

    private static var daySeconds: Double { 86_400 }
    private static var drawSeconds: Double { 600 }
    /// Overcast leaves this share of a clear sky's power.
    private static var overcastShare: Double { 0.12 }
    private static var tiltDegrees: Double { 23.44 }

    init(_ setup: PlantSetup, noise: Noise?) {
        peak = setup.solarPeakWatts
        latitudeSine = Trigonometry.sine(degrees: setup.latitudeDegrees)
        latitudeCosine = Trigonometry.cosine(degrees: setup.latitudeDegrees)
        day = setup.dayOfYear
        second = setup.secondOfDay
        self.noise = noise
        beginDay()
        settle()
    }

    /// What follows from time and wishes as they are now.
    mutating func settle() {
        sunWatts = sunFixed ?? skyWatts
        loadWatts = loadFixed ?? clockWatts
    }

    mutating func setSecondOfDay(_ second: Double) {
        self.second = second
        settle()
    }

    mutating func advance(seconds: Double) {
        second += seconds
        while second >= Self.daySeconds {
            second -= Self.daySeconds
            day = day == 364 ? 0 : day + 1
            daysTotal += 1
            beginDay()
        }
        untilDraw -= seconds
        if untilDraw <= 0 {
            untilDraw = Self.drawSeconds
            draw()
        }
        settle()
    }

    private mutating func beginDay() {
        let declination =
            -Self.tiltDegrees * Trigonometry.cosine(degrees: Double(day + 10) * 360 / 365)
        heightMean = latitudeSine * Trigonometry.sine(degrees: declination)
        heightSwing = latitudeCosine * Trigonometry.cosine(degrees: declination)
        if noise != nil { clouds = noise?.share() ?? clouds }
    }

    /// Clouds that pass, and what happens to be switched on: of the site's load a third comes and
    /// goes by 600 W, now and then there is a kilowatt more.
    private mutating func draw() {
        guard var noise else { return }
        flicker = 0.6 + 0.6 * noise.share()
        let pick = noise.share()
        extraWatts = pick < 0.55 ? 40 * noise.share() : pick < 0.92 ? 600 : 1600
        self.noise = noise
    }

    private var skyWatts: Double {
        let hour = Trigonometry.cosine(degrees: (second / Self.daySeconds - 0.5) * 360)
        let height = heightMean + heightSwing * hour
        guard height > 0 else { return 0 }
        let clear = 1 - (cloudsFixed ?? clouds) * (1 - Self.overcastShare)
        let power = peak * height * clear * flicker
        return power < peak ? power : peak
    }

    private var clockWatts: Double {
        let hour = second / 3600
        let base = hour < 6 ? 560.0 : hour < 17 ? 620 : hour < 23 ? 1000 : 700
        return base + extraWatts
    }
}

/// xorshift64*, Vigna 2016: small, and good enough for weather.
struct Noise: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed == 0 ? 1 : seed }

    /// 0 up to 1.
    mutating func share() -> Double {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Double((state &* 0x2545_F491_4F6C_DD1D) >> 11) / 9_007_199_254_740_992
    }
}

/// Sines by Bhaskara's formula, right to 0.2 %: cores have no C library, and no sky is known better.
enum Trigonometry {
    static func cosine(degrees: Double) -> Double {
        var angle = degrees < 0 ? -degrees : degrees
        while angle > 360 { angle -= 360 }
        if angle > 180 { angle = 360 - angle }
        let isBehind = angle > 90
        if isBehind { angle = 180 - angle }
        let square = angle * angle
        let value = (32_400 - 4 * square) / (32_400 + square)
        return isBehind ? -value : value
    }

    static func sine(degrees: Double) -> Double { cosine(degrees: degrees - 90) }
}
