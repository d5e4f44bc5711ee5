// SPDX-License-Identifier: Apache-2.0

/// One line of a block taken apart; positions are those of the block's bytes.
package struct ParsedLine: Sendable, Hashable {
    /// The line without its newline and without a carriage return before it.
    package var line: ByteSpan

    /// The ID; meaningful while there is no problem.
    package var id: ByteSpan

    /// The list of added segments or, in an inbound file, of signals; may be empty if `removed` is not.
    package var added: ByteSpan

    /// The list of removed segments; empty in an inbound file.
    package var removed: ByteSpan

    /// Why the line cannot be used.
    package var problem: LineProblem

    @inlinable
    init(line: ByteSpan, id: ByteSpan, added: ByteSpan, removed: ByteSpan, problem: LineProblem) {
        self.line = line
        self.id = id
        self.added = added
        self.removed = removed
        self.problem = problem
    }

    /// A line that is good for nothing but being counted.
    @inlinable
    init(line: ByteSpan, problem: LineProblem) {
        let nothing = ByteSpan(Int(line.offset), Int(line.offset))
        self.init(line: line, id: nothing, added: nothing, removed: nothing, problem: problem)
    }
}
