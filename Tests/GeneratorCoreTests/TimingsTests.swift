import GeneratorCore
import Testing

struct TimingsTests {
    @Test func everyFieldKeepsItsBounds() {
        for field in Timings.Field.allCases {
            for bounds in [Timings.Bounds.site, .bench] {
                let range = field.allowedMilliseconds(bounds)
                var timings = Timings()
                for inside in [range.lowerBound, range.upperBound] {
                    let isSet = timings.set(field, milliseconds: inside, within: bounds)
                    #expect(isSet)
                }
                let before = timings
                for outside in [range.lowerBound - 1, range.upperBound + 1] {
                    let isSet = timings.set(field, milliseconds: outside, within: bounds)
                    #expect(!isSet)
                }
                #expect(timings == before)
            }
        }
    }

    @Test func theDefaultsAreWithinTheSitesBounds() {
        let site = Timings()
        let values: [(Timings.Field, Duration)] = [
            (.reset, site.reset), (.ignition, site.ignition), (.crank, site.crank),
            (.glowCrank, site.glowCrank), (.coast, site.coast), (.warmUp, site.warmUp),
            (.stabilise, site.stabilise), (.cooldown, site.cooldown), (.runMax, site.runMax),
        ]
        for (field, value) in values {
            let milliseconds = Int64(value / .milliseconds(1))
            #expect(field.allowedMilliseconds(.site).contains(milliseconds))
        }
    }

    @Test func noBenchCranksLongerThanTheSite() {
        for field in [Timings.Field.crank, .glowCrank] {
            #expect(
                field.allowedMilliseconds(.bench).upperBound
                    == field.allowedMilliseconds(.site).upperBound)
        }
    }
}
