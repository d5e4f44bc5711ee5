// SPDX-License-Identifier: Apache-2.0

/// The format of `DPUUIDS`: `dpids=1,2|maxMappings=n|format=json`, in any order.
enum IDPairsFormat {
    /// The piece that the format describes, or nil when it is another one.
    ///
    /// `dpids` is needed; without `maxMappings`, as with 0, all IDs of each data source are written; JSON is the only
    /// format there is.
    static func node(_ text: [UInt8]) -> TemplateNode? {
        var dataSources: [Int] = []
        var maximumCount = 0
        var seen: Set<String> = []
        for setting in text.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false) {
            let sides = setting.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
                .map(trimmed)
            guard sides.count == 2 else { return nil }
            let name = String(decoding: sides[0], as: UTF8.self)
            guard seen.insert(name).inserted else { return nil }
            switch name {
            case "dpids":
                for number in sides[1].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                    guard let number = DecimalDigits.value(of: trimmed(number), as: Int.self) else {
                        return nil
                    }
                    dataSources.append(number)
                }
            case "maxMappings":
                guard let number = DecimalDigits.value(of: sides[1], as: Int.self) else { return nil }
                maximumCount = number
            case "format":
                guard sides[1].elementsEqual("json".utf8) else { return nil }
            default: return nil
            }
        }
        return dataSources.isEmpty ? nil : .idPairs(dataSources: dataSources, maximumCount: maximumCount)
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let blank = UInt8(ascii: " ")
        let front = text.drop { $0 == blank }
        return front.prefix((front.lastIndex { $0 != blank } ?? front.startIndex - 1) + 1 - front.startIndex)
    }
}
