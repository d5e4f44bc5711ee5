// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Matching

/// A folder of one test, and the naive way to do what sorted lists do.
final class ListFolder {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("lists-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    func write(_ strings: [[UInt8]], to name: String) throws -> String {
        let file = "\(path)/\(name)"
        let writer = try SortedListWriter(path: file)
        for string in strings { try string.withUnsafeBytes { try writer.append($0) } }
        try writer.finish()
        return file
    }

    func read(_ file: String) throws -> [[UInt8]] {
        let reader = try SortedListReader(path: file)
        var strings: [[UInt8]] = []
        while let string = try reader.next() { strings.append(Array(string)) }
        #expect(strings.count == reader.count)
        return strings
    }
}

/// An operation as tests write it down.
struct NaiveOperation: Equatable {
    var string: [UInt8]
    var isRemoval = false

    /// The last operation on each string, ascending.
    static func sorted(_ operations: [NaiveOperation]) -> [NaiveOperation] {
        var last: [[UInt8]: Bool] = [:]
        for operation in operations { last[operation.string] = operation.isRemoval }
        return last.map { NaiveOperation(string: $0.key, isRemoval: $0.value) }
            .sorted { $0.string.lexicographicallyPrecedes($1.string) }
    }
}

extension SortedListBuilder {
    func append(_ operation: NaiveOperation) throws {
        try operation.string.withUnsafeBytes { try append($0, isRemoval: operation.isRemoval) }
    }
}

extension SortedOperations {
    func all() throws -> [NaiveOperation] {
        var operations: [NaiveOperation] = []
        while let operation = try next() {
            operations.append(NaiveOperation(string: Array(operation.bytes), isRemoval: operation.isRemoval))
        }
        return operations
    }
}

extension SeededNumbers {
    /// Strings of few different bytes, zero among them, so that many share a beginning or are the same.
    mutating func operations(_ count: Int, longest: Int, alphabet: [UInt8]) -> [NaiveOperation] {
        (0..<count).map { _ in
            let length = Int.random(in: 1...longest, using: &self)
            let string = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &self)] }
            return NaiveOperation(string: string, isRemoval: UInt8.random(in: 0..<4, using: &self) == 0)
        }
    }
}
