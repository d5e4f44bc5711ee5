// SPDX-License-Identifier: Apache-2.0

/// A check of an external account that does real work: it writes, reads back, renames and deletes a probe.
///
/// The probe has a hidden name that lists leave out. Whatever fails, the check tries to delete it, even when the
/// task is cancelled meanwhile.
package struct ConnectionCheck: Sendable {
    /// Whether the account is one that we write to; without, the steps that write are skipped.
    package var isWriting = true

    /// How far the clocks may be apart, in seconds.
    package var clockTolerance = 60.0

    /// How many free bytes an account that we write to should have at least.
    package var wantedFreeBytes = 64 << 20

    private let transport: any Transport
    private let now: @Sendable () -> Int
    private let probeID: String

    /// Prepares a check.
    ///
    /// - Parameters:
    ///   - transport: The way to the account.
    ///   - probeID: What makes the probe's name ours alone: letters, digits and hyphens, at most 200.
    ///   - now: Our clock, in nanoseconds since 1970-01-01 UTC.
    package init(of transport: any Transport, probeID: String, now: @escaping @Sendable () -> Int) {
        self.transport = transport
        self.probeID = probeID
        self.now = now
    }

    /// Does the check.
    ///
    /// - Returns: All steps in the order of ``ConnectionStep/Name``, each with its outcome.
    package func run() async -> [ConnectionStep] {
        var report = Report(now: now)
        var isReached = true
        for step in transport.reachSteps {
            await report.add(step.name, if: isReached) { () throws(TransferError) in
                try await step.run()
            }
            isReached = isReached && report.isOK
        }
        await report.add(.list, if: isReached) { () throws(TransferError) in
            .files(
                try await transport.list().count { file in
                    if case .notAFile = file.obstacle { false } else { true }
                }
            )
        }
        isReached = isReached && report.isOKOrDenied
        if isReached && isWriting, let probe = Probe(id: probeID) {
            await tryOut(probe, &report)
        } else {
            for name in [ConnectionStep.Name.write, .readBack, .rename, .delete, .clock] { report.skip(name) }
        }
        await report.add(.space, if: isReached) { () throws(TransferError) in
            try await measureSpace()
        }
        report.skipLatestIfEmpty()
        return report.steps
    }

    /// Writes, reads back, renames and deletes the probe, and compares its time with ours.
    private func tryOut(_ probe: Probe, _ report: inout Report) async {
        let earliest = now()
        await report.add(.write) { () throws(TransferError) in
            _ = try await transport.publish(
                .bytes(probe.contents),
                as: probe.path,
                expecting: Fingerprint(of: probe.contents)
            )
            return nil
        }
        let latest = now()
        let isWritten = report.isOK
        var modified: Int?
        await report.add(.readBack, if: isWritten) { () throws(TransferError) in
            modified = try await readBack(probe)
            return nil
        }
        await report.add(.rename, if: isWritten) { () throws(TransferError) in
            try await transport.move(probe.path, to: probe.newPath)
            return nil
        }
        let isRenamed = report.isOK
        await report.add(.delete, if: isWritten) { () throws(TransferError) in
            try await delete(isRenamed ? probe.newPath : probe.path)
            return nil
        }
        if !isWritten || !isRenamed || !report.isOK { await cleanUp(after: probe) }
        await report.add(.clock, if: modified != nil) { () throws(TransferError) in
            try compareClock(modified ?? latest, earliest: earliest, latest: latest)
        }
    }

    private func readBack(_ probe: Probe) async throws(TransferError) -> Int {
        let reader = try await transport.read(probe.path)
        var contents: [UInt8] = []
        while let chunk = try await reader.next() { contents += chunk }
        await reader.close()
        guard contents.count == probe.contents.count else {
            throw .sizeDiffers(probe.path, expected: probe.contents.count, actual: contents.count)
        }
        guard contents == probe.contents else { throw .checksumDiffers(probe.path) }
        return reader.modifiedNanoseconds
    }

    private func delete(_ path: RemotePath) async throws(TransferError) {
        try await transport.delete(path)
        do throws(TransferError) {
            await (try transport.read(path)).close()
        } catch {
            guard error != .notFound(path) else { return }
            throw error
        }
        throw .exists(path)
    }

    private func compareClock(
        _ modified: Int,
        earliest: Int,
        latest: Int
    ) throws(TransferError) -> ConnectionStep.Finding {
        let ahead = modified > latest ? modified - latest : min(0, modified - earliest)
        let seconds = Double(ahead) / 1e9
        guard abs(seconds) <= clockTolerance else { throw .clockDiffers(seconds: seconds) }
        return .clockAhead(seconds: seconds)
    }

    private func measureSpace() async throws(TransferError) -> ConnectionStep.Finding? {
        guard let bytes = try await transport.freeBytes() else { return nil }
        guard bytes >= wantedFreeBytes || !isWriting else {
            throw .lowSpace(freeBytes: bytes, wantedBytes: wantedFreeBytes)
        }
        return .freeBytes(bytes)
    }

    /// Deletes what a failed check may have left.
    private func cleanUp(after probe: Probe) async {
        // Nobody cancels this task: the probe has to go when the check itself is cancelled, too. It is waited for.
        await Task { [transport] in
            try? await transport.delete(probe.path)
            try? await transport.delete(probe.newPath)
        }.value
    }
}

/// The file by which a check tries an account out.
private struct Probe: Sendable {
    let path: RemotePath
    let newPath: RemotePath
    let contents: [UInt8]

    init?(id: String) {
        guard let path = try? RemotePath(".tallystick-check-\(id).part"),
            let newPath = try? RemotePath(".tallystick-check-\(id)-renamed.part")
        else { return nil }
        self.path = path
        self.newPath = newPath
        contents = Array("Connection check \(id). This file may be deleted.\n".utf8)
    }
}

/// The steps of a check so far, each with its time.
private struct Report {
    let now: @Sendable () -> Int
    private(set) var steps: [ConnectionStep] = []

    init(now: @escaping @Sendable () -> Int) {
        self.now = now
    }

    /// Whether the latest step worked.
    var isOK: Bool {
        steps.last?.outcome == .ok
    }

    /// Whether the latest step worked, or was only refused: one who may not list may still be allowed to write.
    var isOKOrDenied: Bool {
        if case .failed(.denied) = steps.last?.outcome { return true }
        return isOK
    }

    mutating func skip(_ name: ConnectionStep.Name) {
        steps.append(ConnectionStep(name: name, outcome: .skipped, seconds: 0, finding: nil))
    }

    /// Takes back the claim that the latest step worked where it found nothing.
    mutating func skipLatestIfEmpty() {
        guard let latest = steps.last, latest.outcome == .ok, latest.finding == nil else { return }
        steps.removeLast()
        skip(latest.name)
    }

    mutating func add(
        _ name: ConnectionStep.Name,
        if isWanted: Bool = true,
        _ work: () async throws(TransferError) -> ConnectionStep.Finding?
    ) async {
        guard isWanted else { return skip(name) }
        let start = now()
        var finding: ConnectionStep.Finding?
        var outcome = ConnectionStep.Outcome.ok
        do throws(TransferError) {
            finding = try await work()
        } catch {
            outcome = .failed(error)
        }
        let seconds = max(0, Double(now() - start) / 1e9)
        steps.append(ConnectionStep(name: name, outcome: outcome, seconds: seconds, finding: finding))
    }
}
