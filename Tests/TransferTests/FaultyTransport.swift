// SPDX-License-Identifier: Apache-2.0

import Synchronization

@testable import Transfer

/// A transport that fails where a test wants it to, once for each step, and works otherwise.
final class FaultyTransport: Transport {
    private let transport: FolderTransport
    private let faults: Mutex<[ConnectionStep.Name: TransferError]>
    private let lie: ConnectionStep.Name?
    private let lastStep: ConnectionStep.Name?
    private let isTellingSpace: Bool

    /// Wraps a transport.
    ///
    /// - Parameters:
    ///   - transport: The transport that works.
    ///   - faults: Which steps fail before they begin, and how.
    ///   - lie: The step that works and says it was cancelled.
    ///   - lastStep: The step after which the task is cancelled.
    ///   - isTellingSpace: Whether the free space is known.
    init(
        _ transport: FolderTransport,
        failing faults: [ConnectionStep.Name: TransferError],
        lyingAbout lie: ConnectionStep.Name? = nil,
        cancellingAfter lastStep: ConnectionStep.Name? = nil,
        isTellingSpace: Bool = true
    ) {
        self.transport = transport
        self.faults = Mutex(faults)
        self.lie = lie
        self.lastStep = lastStep
        self.isTellingSpace = isTellingSpace
    }

    private func begin(_ step: ConnectionStep.Name) throws(TransferError) {
        if let fault = faults.withLock({ $0.removeValue(forKey: step) }) { throw fault }
    }

    private func end(_ step: ConnectionStep.Name) throws(TransferError) {
        if step == lastStep { withUnsafeCurrentTask { $0?.cancel() } }
        if step == lie { throw .cancelled }
    }

    var reachSteps: [ReachStep] {
        transport.reachSteps.map { step in
            ReachStep(step.name) { [self] () throws(TransferError) in
                try begin(step.name)
                return try await step.run()
            }
        }
    }

    func list(under folder: RemotePath?) async throws(TransferError) -> [RemoteFile] {
        try begin(.list)
        return try await transport.list(under: folder)
    }

    func read(_ path: RemotePath, from offset: Int) async throws(TransferError) -> any RemoteReader {
        try begin(.readBack)
        return try await transport.read(path, from: offset)
    }

    func publish(
        _ payload: Payload,
        as path: RemotePath,
        expecting expected: Fingerprint,
        replacing isReplacing: Bool
    ) async throws(TransferError) -> Publication {
        try begin(.write)
        let publication = try await transport.publish(
            payload,
            as: path,
            expecting: expected,
            replacing: isReplacing
        )
        try end(.write)
        return publication
    }

    func move(_ path: RemotePath, to destination: RemotePath) async throws(TransferError) {
        try begin(.rename)
        try await transport.move(path, to: destination)
    }

    func delete(_ path: RemotePath) async throws(TransferError) {
        try begin(.delete)
        try await transport.delete(path)
    }

    func freeBytes() async throws(TransferError) -> Int? {
        try begin(.space)
        return isTellingSpace ? try await transport.freeBytes() : nil
    }

    func removeLeftovers() async throws(TransferError) -> Int {
        try await transport.removeLeftovers()
    }
}
