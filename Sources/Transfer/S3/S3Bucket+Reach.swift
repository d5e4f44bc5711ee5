// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

extension S3Bucket {
    /// The steps that lead to the bucket; none is tried twice, so that a check tells what it met.
    var reachSteps: [ReachStep] {
        var steps = [
            ReachStep(.resolve) { () throws(TransferError) in try await resolve() },
            ReachStep(.connect) { () throws(TransferError) in try await connect() },
        ]
        if client.endpoint.isSecure {
            steps.append(ReachStep(.tls) { () throws(TransferError) in try await greet() })
        }
        steps.append(ReachStep(.signIn) { () throws(TransferError) in try await signIn() })
        steps.append(ReachStep(.region) { () throws(TransferError) in try await checkRegion() })
        return steps
    }

    /// Asks for the addresses of the server's name.
    private func resolve() async throws(TransferError) -> ConnectionStep.Finding? {
        let host = client.endpoint.bareHost
        let addresses = try await BlockingQueue().run { (_) throws(TransferError) in
            S3Bucket.addresses(of: host)
        }
        guard !addresses.isEmpty else { throw .nameUnknown(host: host) }
        return .addresses(addresses)
    }

    private func connect() async throws(TransferError) -> ConnectionStep.Finding? {
        let endpoint = client.endpoint
        let seconds = settings.timeouts.connect / .seconds(1)
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.nanoseconds(Int64(seconds * 1e9)))
                .connect(host: endpoint.bareHost, port: endpoint.port)
                .get()
            try? await channel.close()
            return endpoint.isExposed ? .note("not encrypted") : nil
        } catch {
            throw client.fault(error).error
        }
    }

    private func greet() async throws(TransferError) -> ConnectionStep.Finding? {
        do throws(S3Fault) {
            try await client.knock()
            return nil
        } catch {
            throw error.error
        }
    }

    /// Sends a signed request; what the account may do is for later steps, and where the bucket is for the next one.
    private func signIn() async throws(TransferError) -> ConnectionStep.Finding? {
        do throws(S3Fault) {
            _ = try await client.attempt(look)
        } catch {
            switch error.error {
            case .denied, .regionDiffers: return nil
            default: throw error.error
            }
        }
        return nil
    }

    private func checkRegion() async throws(TransferError) -> ConnectionStep.Finding? {
        let answer: S3Answer
        do throws(S3Fault) {
            answer = try await client.attempt(look)
        } catch {
            guard case .denied = error.error else { throw error.error }
            return nil
        }
        let region = answer.headers.first(name: "x-amz-bucket-region") ?? settings.region
        guard region == settings.region else {
            throw .regionDiffers(named: settings.region, actual: S3Client.word(region))
        }
        return nil
    }

    /// The smallest request that names the bucket.
    private var look: S3Request {
        S3Request(
            method: .GET,
            query: [
                ("list-type", "2"), ("max-keys", "1"), ("prefix", String(decoding: prefix, as: UTF8.self)),
            ]
        )
    }

    /// The addresses that a name stands for, as text; blocks.
    private static func addresses(of host: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var addresses: [String] = []
        var entry = first
        while let info = entry?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let size = socklen_t(text.count)
            if getnameinfo(info.ai_addr, info.ai_addrlen, &text, size, nil, 0, NI_NUMERICHOST) == 0 {
                let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                addresses.append(String(decoding: bytes, as: UTF8.self))
            }
            entry = info.ai_next
        }
        return addresses
    }
}
