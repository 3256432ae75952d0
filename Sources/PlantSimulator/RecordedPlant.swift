// A recording played as an inverter. Loggers of several generations wrote the site's CSVs, each with
// columns of its own: they are found by their names.

import InverterRegisters

/// A recording of an inverter.
public struct RecordedPlant: Sendable {
    /// One row.
    public struct Row: Sendable, Equatable {
        /// Seconds since the first row.
        public let seconds: Double
        /// What was recorded, and what follows from it: see ``RecordedPlant/init(csv:)``.
        public fileprivate(set) var registers: InputRegisters
    }

    /// The rows in the order of their times.
    public let rows: [Row]

    /// What is wrong with a recording.
    public enum Failure: Error, Sendable, Equatable {
        /// It has no column of this name.
        case missingColumn(String)
        /// This row, counted from 1 behind the header, is earlier than the one before, or has no
        /// time.
        case badTime(row: Int)
        /// There is no row.
        case empty
    }

    private static var timeColumn: String { "timestamp_unix" }

    /// Where a column goes: its register and how many of its units one of the column's is.
    private static var columns: [String: (register: UInt16, factor: Double)] {
        [
            "vpv1_raw": (1, 1), "vpv2_raw": (2, 1), "vpv3_raw": (3, 1), "vpv1_v": (1, 10),
            "vpv2_v": (2, 10), "vpv3_v": (3, 10), "vbat_raw": (4, 1), "vbat_v": (4, 10),
            "soc_soh_raw": (5, 1), "reg_6": (6, 1), "fault_code": (6, 1), "reg_7": (7, 1),
            "ppv1_w": (7, 1), "pv1_power_w": (7, 1), "reg_8": (8, 1), "ppv2_w": (8, 1),
            // The older loggers took the third string for the total.
            "pv2_power_w": (8, 1), "reg_9": (9, 1), "ppv_total_w": (9, 1), "p_charge_w": (10, 1),
            "charge_power_w": (10, 1), "p_discharge_w": (11, 1), "discharge_power_w": (11, 1),
            "t_inner_c": (64, 1), "t_rad1_c": (65, 1), "t_rad2_c": (66, 1), "t_bat_c": (67, 1),
            "max_cell_volt_raw": (101, 1), "min_cell_volt_raw": (102, 1),
            "max_cell_temp_raw": (103, 1), "min_cell_temp_raw": (104, 1), "bms_status": (105, 1),
            "cycle_count": (106, 1), "bat_volt_sample_raw": (107, 1), "reg_108": (108, 1),
            "load_power_w": (170, 1),
        ]
    }

    /// Reads a recording. No logger wrote the state, and the older ones neither load nor current:
    /// the state follows from the sun, the load from the powers less what the inverter takes for
    /// itself, the current from the discharge or, where the charge rises to the next row, from
    /// that rise, for the site's battery.
    public init(csv: String) throws(Failure) {
        let lines = csv.utf8.split { $0 == 10 || $0 == 13 }.map {
            String(decoding: $0, as: UTF8.self)
        }
        let header = lines.first.map(Self.cells) ?? []
        guard let timePlace = header.firstIndex(of: Self.timeColumn) else {
            throw .missingColumn(Self.timeColumn)
        }
        let targets = header.map { Self.columns[$0] }
        let charge = header.firstIndex(of: "soc_pct")
        let health = header.firstIndex(of: "soh_pct")
        var rows: [Row] = []
        var begin: Double?
        for (number, line) in lines.dropFirst().enumerated() {
            let values = Self.cells(line).map(Double.init)
            guard values.count > timePlace, let time = values[timePlace],
                time - (begin ?? time) >= rows.last?.seconds ?? 0
            else { throw .badTime(row: number + 1) }
            begin = begin ?? time
            var registers = InputRegisters()
            for (target, value) in zip(targets, values) {
                guard let target, let value else { continue }
                let word = (value * target.factor).rounded()
                registers.set(target.register, UInt16(exactly: word) ?? 0)
            }
            if registers[5] == nil, let charge, let health, values.count > max(charge, health),
                let percent = values[charge], let healthPercent = values[health]
            {
                let word = UInt16(UInt8(clamping: Int(healthPercent))) << 8
                registers.set(5, word | UInt16(UInt8(clamping: Int(percent))))
            }
            rows.append(Row(seconds: time - (begin ?? time), registers: registers))
        }
        guard !rows.isEmpty else { throw .empty }
        Self.complete(&rows)
        self.rows = rows
    }

    /// From the first row to the last one.
    public var seconds: Double { rows.last?.seconds ?? 0 }

    /// What the inverter says so many seconds after the first row: the latest row until then. The
    /// last row stays.
    public func registers(at seconds: Double) -> InputRegisters {
        var low = 0
        var high = rows.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if rows[middle].seconds <= seconds { low = middle } else { high = middle }
        }
        return rows[low].registers
    }

    private static func cells(_ line: String) -> [String] {
        line.utf8.split(separator: 44, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Adds what no logger wrote.
    private static func complete(_ rows: inout [Row]) {
        let site = PlantSetup()
        for place in rows.indices {
            let told = InverterSnapshot(rows[place].registers)
            let next = place + 1 < rows.count ? rows[place + 1] : nil
            let sun = Double(told.photovoltaicWatts ?? 0)
            let discharge = Double(told.dischargeWatts ?? 0)
            let charge = Double(told.chargeWatts ?? 0)
            var more = InverterSnapshot(InputRegisters())
            more.mode =
                sun == 0
                ? .batteryOffGrid : charge > 0 ? .solarChargingOffGrid : .solarAndBatteryOffGrid
            more.loadWatts = Int(max(0, discharge + sun - charge - site.ownWatts))
            if let millivolts = told.batteryMillivolts {
                var amperes = (charge - discharge) * 1000 / Double(millivolts)
                if let next, let now = told.stateOfChargePercent,
                    let then = InverterSnapshot(next.registers).stateOfChargePercent, then > now
                {
                    let hours = (next.seconds - rows[place].seconds) / 3600
                    amperes = Double(then - now) / 100 * site.capacityAmpereHours / max(hours, 0.01)
                }
                more.batteryMilliamperes = Int(amperes * 1000) / site.packs
            }
            let derived = more.registers
            for register in [0, 98, 170] as [UInt16] where rows[place].registers[register] == nil {
                if let word = derived[register] { rows[place].registers.set(register, word) }
            }
        }
    }
}
