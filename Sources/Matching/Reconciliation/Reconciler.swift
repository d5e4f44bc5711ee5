// SPDX-License-Identifier: Apache-2.0

/// Finds the profiles, or the addresses, that the IDs of one data source stand for, a batch of lines at a time.
///
/// Usable by many threads at once, each with a workspace of its own.
package struct Reconciler: Sendable {
    /// What is asked for.
    package enum Mode: UInt8, Sendable, CaseIterable {
        /// The profiles of each ID.
        case profiles
        /// The decrypted address of each ID, whether or not a profile has it; needs no index.
        case addresses
        /// The profiles of each ID, and the decrypted address in any case.
        case both
    }

    /// How the IDs stand for values.
    package let rule: IDRule
    /// What is asked for.
    package let mode: Mode
    let index: IDIndex?
    let secret: IDKeySecret

    /// Makes a reconciler.
    ///
    /// - Parameters:
    ///   - rule: How the IDs stand for values.
    ///   - index: Where the keys find profiles; may be left out for addresses only.
    ///   - secret: The secret with which the index was made.
    ///   - mode: What is asked for; addresses come from encrypted IDs only.
    package init(rule: IDRule, index: IDIndex?, secret: IDKeySecret, mode: Mode = .profiles) {
        precondition(index != nil || mode == .addresses, "profiles are found in an index")
        self.rule = rule
        self.index = index
        self.secret = secret
        self.mode = mode
    }

    /// Makes the memory that one thread needs.
    ///
    /// - Returns: A workspace for this reconciler.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto doesn't offer the cipher.
    package func makeWorkspace() throws(MatchingError) -> Workspace {
        if case .cipher(let key) = rule.form { return Workspace(cipher: try BatchCipher(key)) }
        return Workspace(cipher: nil)
    }

    /// Reconciles the IDs of some lines.
    ///
    /// - Parameters:
    ///   - bytes: The bytes in which the IDs are.
    ///   - offsets: Where each ID begins.
    ///   - lengths: The number of bytes of each ID.
    ///   - workspace: This thread's memory, made by this reconciler.
    ///   - results: Room for the account of each line, in the same order.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails; a wrong line never throws.
    package func reconcile(
        _ bytes: UnsafeRawBufferPointer,
        offsets: UnsafeBufferPointer<UInt32>,
        lengths: UnsafeBufferPointer<UInt32>,
        workspace: Workspace,
        into results: UnsafeMutableBufferPointer<Reconciliation>
    ) throws(MatchingError) {
        precondition(
            lengths.count == offsets.count && results.count >= offsets.count,
            "one result for each line"
        )
        let keepsAddresses = mode != .profiles && workspace.cipher != nil
        workspace.begin(lineCount: offsets.count, keepingAddresses: keepsAddresses)
        guard !offsets.isEmpty else { return }
        var start = 0
        while start < offsets.count {
            let end = min(offsets.count, start + Workspace.chunk)
            var farthest: UInt64 = 0
            for line in start..<end {
                farthest = max(farthest, UInt64(offsets[line]) &+ UInt64(lengths[line]))
            }
            precondition(farthest <= UInt64(bytes.count), "an ID within the bytes")
            let lines = Lines(
                bytes: bytes,
                offsets: UnsafeBufferPointer(rebasing: offsets[start..<end]),
                lengths: UnsafeBufferPointer(rebasing: lengths[start..<end]),
                results: UnsafeMutableBufferPointer(rebasing: results[start..<end]),
                first: start
            )
            try reconcile(lines, workspace)
            start = end
        }
    }

    /// Reconciles the IDs of a batch of texts.
    ///
    /// - Parameters:
    ///   - ids: The IDs.
    ///   - workspace: This thread's memory, made by this reconciler.
    /// - Returns: The account of each ID.
    /// - Throws: ``MatchingError/cryptography(code:)`` if libcrypto fails; a wrong ID never throws.
    package func reconcile(_ ids: IDBatch, workspace: Workspace) throws(MatchingError) -> [Reconciliation] {
        var results = [Reconciliation](repeating: Reconciliation(.unknown), count: ids.count)
        try ids.withTexts { bytes, offsets, lengths throws(MatchingError) in
            try results.withUnsafeMutableBufferPointer { results throws(MatchingError) in
                try reconcile(bytes, offsets: offsets, lengths: lengths, workspace: workspace, into: results)
            }
        }
        return results
    }

    /// The lines of one chunk.
    struct Lines {
        let bytes: UnsafeRawBufferPointer
        let offsets: UnsafeBufferPointer<UInt32>
        let lengths: UnsafeBufferPointer<UInt32>
        let results: UnsafeMutableBufferPointer<Reconciliation>
        /// The place of the first line in the batch.
        let first: Int

        var count: Int { offsets.count }

        @inline(__always)
        func id(_ line: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(
                start: bytes.baseAddress.map { $0 + Int(offsets[line]) },
                count: Int(lengths[line])
            )
        }
    }

    private func reconcile(_ lines: Lines, _ workspace: Workspace) throws(MatchingError) {
        if mode == .profiles { workspace.texts.count = 0 }
        let live: Int
        switch rule.form {
        case .visitorID: live = visitorKeys(lines, workspace)
        case .digest(let algorithm): live = digestKeys(lines, algorithm.byteCount, workspace)
        case .plain: live = plainKeys(lines, workspace)
        case .cipher: live = try cipherKeys(lines, workspace)
        }
        let otherwise: Reconciliation.Outcome =
            mode != .profiles && workspace.cipher != nil ? .address : .unknown
        guard let index, mode != .addresses else {
            for slot in 0..<live { lines.results[Int(workspace.live[slot])] = Reconciliation(otherwise) }
            return
        }
        index.lookup(
            UnsafeBufferPointer(start: workspace.keys, count: live),
            into: UnsafeMutableBufferPointer(start: workspace.entries, count: live)
        )
        for slot in 0..<live {
            let entry = workspace.entries[slot]
            lines.results[Int(workspace.live[slot])] = Reconciliation(
                entry.isFound ? .matched : otherwise,
                entry: entry
            )
        }
    }
}
