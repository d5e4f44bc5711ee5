// SPDX-License-Identifier: Apache-2.0

import AudienceFiles
import GRDB
import Matching
import Storage

/// What the rows of an ID-sync set say: numbers of new IDs, and links.
///
/// Not shared between threads.
final class IDSyncRowTaker {
    /// The IDs of one column.
    struct Column {
        let source: DataSource
        let keys: IDKeys
    }

    // No access to these meets another one, so none is checked at run time for each row.
    @exclusivity(unchecked) var tally = IDSyncTally()
    @exclusivity(unchecked) private(set) var links: [FoundLink] = []
    /// How many rows ended for each reason.
    @exclusivity(unchecked) private(set) var reasons = [Int](
        repeating: 0,
        count: IDSyncReason.allCases.count
    )
    let newIDs: NewIDs

    private let columns: [Column]
    private let index: IDIndex
    private let time: UInt32
    private let optedOut: NumberFlags
    private let rejects: RejectedLines
    private var fileNumber = 0
    private let known: [(source: DataSourceNumber, members: NumberFlags)]
    /// The namespaces of columns of devices.
    private let deviceSources: Set<DataSourceNumber>
    /// The IDs of all devices, once somebody asks for one that the rows don't name.
    private var allDevices: NumberFlags?
    private let service: PeopleService
    /// Where the first column is of declared IDs: the links of those that are known in the block at hand.
    private var linksOfMasters: [IDNumber: [Link]] = [:]
    private let people = MemberSetBuilder()
    private var keys: [IDKey] = []
    @exclusivity(unchecked) private var entries: [IDIndex.Entry] = []
    @exclusivity(unchecked) private var numbers: [IDNumber?]
    @exclusivity(unchecked) private var named: [IDNumber] = []

    /// Prepares to take rows.
    ///
    /// - Parameters:
    ///   - columns: The columns, that of devices first.
    ///   - index: The index of IDs.
    ///   - time: When the people of the rows were signed in, in seconds since 1970.
    ///   - rejects: Keeps the rows that link nothing.
    ///   - service: The installation.
    /// - Throws: What the database answers.
    init(
        _ columns: [Column],
        _ index: IDIndex,
        time: Int64,
        rejects: RejectedLines,
        _ service: PeopleService
    ) throws {
        self.columns = columns
        self.service = service
        self.index = index
        self.rejects = rejects
        self.time = UInt32(clamping: time)
        deviceSources = Set(columns.lazy.filter(\.source.idType.isOfDevices).map(\.source.namespace))
        numbers = Array(repeating: nil, count: columns.count)
        (newIDs, optedOut, known) = try service.read { database in
            (
                NewIDs(first: try IDStore().count(in: database)),
                NumberFlags(try IDStore().members(of: .optedOut, in: database)),
                try Set(columns.map(\.source.namespace)).map { number in
                    (number, NumberFlags(try IDStore().members(of: .dataSource(number), in: database)))
                }
            )
        }
    }

    /// Goes on with the next file of the set.
    func beginFile() { fileNumber += 1 }

    /// Takes the rows of a block, and keeps those that link nothing as rejected lines, in the order of the file.
    ///
    /// - Throws: ``Problem`` when a rejected line can't be kept.
    func take(_ rows: IDSyncRows, of bytes: UnsafeRawBufferPointer) throws {
        findEntries(rows, bytes)
        if !isOfDevices { try findLinksOfMasters(rows) }
        tally.received += rows.lineCount
        var ignored = rows.ignored[...]
        for row in 0..<rows.count {
            let line = rows.line(of: row)
            while let first = ignored.first, first.line < line { try ignore(ignored.removeFirst(), bytes) }
            let reason = take(row, rows, bytes)
            if reason == .none {
                tally.linked += 1
            } else {
                try reject(rows.text(row: row, in: bytes), line: line, reason)
            }
        }
        for row in ignored { try ignore(row, bytes) }
    }

    /// Keeps a row that is longer than a block as a rejected line, piece by piece.
    ///
    /// - Throws: ``Problem`` when it can't be kept.
    func take(overlong fragment: UnsafeRawBufferPointer, line: Int, isFirst: Bool, isLast: Bool) throws {
        if isFirst {
            tally.received += 1
            reasons[Int(IDSyncReason.rowTooLong.rawValue)] += 1
            tally.reject(.rowTooLong)
            rejects.begin(file: fileNumber, line: line, IDSyncReason.rowTooLong.end)
        }
        let isEnded = isLast && fragment.last == 0x0A
        try rejects.append(
            fragment: UnsafeRawBufferPointer(rebasing: isEnded ? fragment.dropLast() : fragment[...])
        )
        if isLast { rejects.end() }
    }

    private func findEntries(_ rows: IDSyncRows, _ bytes: UnsafeRawBufferPointer) {
        keys.removeAll(keepingCapacity: true)
        for row in 0..<rows.count {
            for (place, column) in columns.enumerated() {
                keys.append(column.keys.key(of: rows.id(row: row, column: place, in: bytes)))
            }
        }
        entries.removeAll(keepingCapacity: true)
        entries.append(contentsOf: repeatElement(.none, count: keys.count))
        keys.withUnsafeBufferPointer { keys in
            entries.withUnsafeMutableBufferPointer { index.lookup(keys, into: $0) }
        }
    }

    /// Whether the first column is of devices.
    private var isOfDevices: Bool { columns[0].source.idType.isOfDevices }

    private func findLinksOfMasters(_ rows: IDSyncRows) throws {
        let masters = MemberSetBuilder()
        for row in 0..<rows.count {
            let entry = entries[row * columns.count]
            if entry.isFound { masters.insert(index.latestNumber(of: entry)) }
        }
        linksOfMasters.removeAll(keepingCapacity: true)
        try service.read { database in
            try LinkStore().forEach(of: masters.added, in: database) { number, links in
                linksOfMasters[number] = links.filter { !optedOut.contains($0.partner) }
            }
        }
    }

    /// The IDs that showed a sign of life.
    ///
    /// Rows without a device say nothing of any, only of people.
    var signsOfLife: MemberSet {
        isOfDevices ? MemberSet(links.lazy.flatMap { [$0.device, $0.partner] }) : people.added
    }

    private func ignore(_ row: IDSyncRows.Ignored, _ bytes: UnsafeRawBufferPointer) throws {
        try reject(row.span.bytes(in: bytes), line: row.line, IDSyncReason(row.problem))
    }

    private func reject(_ text: UnsafeRawBufferPointer, line: Int, _ reason: IDSyncReason) throws {
        reasons[Int(reason.rawValue)] += 1
        tally.reject(reason)
        // The place is enough for those who opted out: nobody delivers their rows again.
        let kept = reason == .optedOut ? UnsafeRawBufferPointer(start: nil, count: 0) : text
        try rejects.append(kept, file: fileNumber, line: line, reason.end)
    }

    /// What an ID stands for that has a link; of a declared ID of a data source that the rows don't name the number is -1.
    func end(of number: IDNumber, in database: Database) throws -> LinkEnd {
        let source = newIDs.dataSource(of: number) ?? known.first { $0.members.contains(number) }?.source
        if let source { return deviceSources.contains(source) ? .device : .declared(source) }
        let devices = try allDevices ?? NumberFlags(IDStore().devices(in: database))
        allDevices = devices
        return devices.contains(number) ? .device : .declared(-1)
    }

    private func take(
        _ row: Int,
        _ rows: IDSyncRows,
        _ bytes: UnsafeRawBufferPointer
    ) -> IDSyncReason {
        let first = row * columns.count
        var refusal = IDSyncReason.none
        var isOut = false
        for (place, column) in columns.enumerated() {
            let entry = entries[first + place]
            let number = entry.isFound ? index.latestNumber(of: entry) : nil
            numbers[place] = number
            if let number, optedOut.contains(number) { isOut = true }
            let id = rows.id(row: row, column: place, in: bytes)
            if refusal == .none, !column.source.idSpelling.accepts(id) {
                refusal = IDSyncReason(refusing: id, of: column.source.idSpelling, isMaster: place == 0)
            }
        }
        guard !isOut else { return .optedOut }
        guard refusal == .none else { return refusal }
        let isOneID = keys[first..<(first + columns.count)].allSatisfy { $0 == keys[first] }
        guard !isOneID else { return .sameID }
        let masters = numbers[0].flatMap { linksOfMasters[$0] } ?? []
        guard isOfDevices || !masters.isEmpty else { return .masterNotSynced }
        named.removeAll(keepingCapacity: true)
        for (place, column) in columns.enumerated() {
            let number =
                numbers[place]
                ?? newIDs.number(
                    of: keys[first + place],
                    rows.id(row: row, column: place, in: bytes),
                    column.source.namespace
                )
            // Each device of the row is linked with every ID before and behind it, and none with itself.
            let isDevice = column.source.idType.isOfDevices
            for (earlier, other) in named.enumerated() where other != number {
                let isOtherDevice = columns[earlier].source.idType.isOfDevices
                if isOtherDevice {
                    note(other, number, isDevice ? .unknown : .authenticated)
                } else if isDevice {
                    note(number, other, .authenticated)
                }
            }
            named.append(number)
        }
        guard !isOfDevices else { return .none }
        // The other IDs are the same person's, so they were on the master's devices when the master was.
        for number in named { people.insert(number) }
        for number in named.dropFirst() where number != named[0] {
            for link in masters {
                links.append(
                    FoundLink(device: link.partner, partner: number, time: link.time, state: link.state)
                )
            }
        }
        return .none
    }

    private func note(_ device: IDNumber, _ partner: IDNumber, _ state: Link.State) {
        if state == .unknown { tally.deviceLinks += 1 }
        links.append(FoundLink(device: device, partner: partner, time: time, state: state))
    }
}
