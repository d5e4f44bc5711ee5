// SPDX-License-Identifier: Apache-2.0

import Foundation
import Surroundings
import Testing

@testable import Transfer

/// What a person has to put right before anything can be transferred.
@Suite(.enabled(if: S3Server.isInstalled, "OpenStack Swift is not installed: scripts/install-packages test"))
struct S3RefusalTests {
    @Test func `who may not sign in is told so, once and without secrets`() async throws {
        let account = try await PartnerBucket()
        let usual = try account.settings()
        for keyID in [PartnerBucket.accessKeyID, "nobody:here"] {
            let settings = try S3Settings(
                server: usual.server,
                accessKeyID: keyID,
                secretAccessKey: S3Secret("wrong-secret-key"),
                region: "us-east-1",
                endpoint: usual.endpoint
            )
            let transport = S3Transport(settings)
            let refused = TransferError.signInRefused(detail: "SignatureDoesNotMatch")
            let steps = await ConnectionCheck(of: transport, probeID: "1") { S3Time.systemNanoseconds() }
                .run()
            let failed = try #require(steps.first { $0.outcome != .ok })
            #expect(failed.name == .signIn)
            #expect(failed.outcome == .failed(refused))
            await #expect(throws: refused) { try await transport.list() }
            await #expect(throws: refused) { try await transport.publish("x", as: "a") }
            #expect(!"\(steps)".contains("wrong-secret-key"))
        }
        // Known, but without rights here.
        let stranger = try account.strangerSettings()
        let steps = await ConnectionCheck(of: S3Transport(stranger), probeID: "1") { 0 }.run()
        #expect(steps.first { $0.outcome != .ok }?.name == .list)
        #expect(steps.first { $0.name == .list }?.outcome == .failed(.denied(nil, errno: EACCES)))
        let path = try RemotePath("a")
        await #expect(throws: TransferError.denied(path, errno: EACCES)) {
            try await S3Transport(stranger).publish("x", as: "a")
        }
    }

    @Test func `a bucket that is not there and a region that is another are told`() async throws {
        let account = try await PartnerBucket()
        let usual = try account.settings()
        let missing = try S3Settings(
            server: ReceiverServer(bucket: "no-such-bucket", folder: nil),
            accessKeyID: usual.accessKeyID,
            secretAccessKey: usual.secretAccessKey,
            region: "us-east-1",
            endpoint: usual.endpoint
        )
        let elsewhere = try S3Settings(
            server: usual.server,
            accessKeyID: usual.accessKeyID,
            secretAccessKey: usual.secretAccessKey,
            region: "eu-central-1",
            endpoint: usual.endpoint
        )
        let differs = TransferError.regionDiffers(named: "eu-central-1", actual: "us-east-1")
        for (settings, step, error) in [
            (missing, ConnectionStep.Name.signIn, TransferError.bucketUnknown("no-such-bucket")),
            (elsewhere, .region, differs),
        ] {
            let steps = await ConnectionCheck(of: S3Transport(settings), probeID: "1") { 0 }.run()
            let failed = try #require(steps.first { $0.outcome != .ok })
            #expect(failed.name == step)
            #expect(failed.outcome == .failed(error))
            await #expect(throws: error) { try await S3Transport(settings).list() }
        }
    }

    @Test(arguments: [1_200, -1_200])
    func `a clock that is twenty minutes off is told with the seconds`(_ offset: Int) async throws {
        let account = try await PartnerBucket()
        var settings = try account.settings()
        settings.surroundings.now = { S3Time.systemNanoseconds() + offset * 1_000_000_000 }
        settings.surroundings.pause = { _ in Issue.record("tried again") }
        let transport = S3Transport(settings)
        for work in [
            { _ = try await transport.list() }, { _ = try await transport.read(RemotePath("a")) },
            { try await transport.reach() },
        ] as [() async throws -> Void] {
            do {
                try await work()
                Issue.record("let in")
            } catch TransferError.clockDiffers(let seconds) {
                #expect(abs(seconds + Double(offset)) < 10)
            }
        }
    }
}
