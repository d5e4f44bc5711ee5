// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension S3Client {
    /// What a failed connection means.
    func fault(_ error: any Error) -> S3Fault {
        if let fault = error as? S3Fault { return fault }
        if let error = error as? TransferError { return S3Fault(error: error) }
        let answer = settings.timeouts.answer / .seconds(1)
        switch error {
        case is CancellationError:
            return S3Fault(error: .cancelled)
        case let error as HTTPClientError:
            return fault(error)
        case let error as NIOConnectionError:
            return S3Fault(error: connectionFault(error), isTransient: true)
        case let error as IOError:
            let isConnecting = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode)
            let host = endpoint.bareHost
            return S3Fault(
                error: isConnecting ? .unreachable(host: host, errno: error.errnoCode) : .disconnected,
                isTransient: true
            )
        case NIOSSLError.uncleanShutdown:
            return S3Fault(error: .disconnected, isTransient: true)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return S3Fault(error: .tlsRefused(reason: "the server's certificate is for another name"))
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            return S3Fault(error: .tlsRefused(reason: S3Client.reason(ofTLS: String(describing: error))))
        case HTTPParserError.invalidEOFState:
            return S3Fault(error: .disconnected, isTransient: true)
        case is HTTPParserError:
            return S3Fault(error: .protocolFault(String(describing: error)))
        case ChannelError.connectTimeout:
            return S3Fault(error: .timedOut(seconds: answer), isTransient: true)
        default:
            return S3Fault(error: .disconnected, isTransient: true)
        }
    }

    /// What a message of BoringSSL means, without the place in its source.
    static func reason(ofTLS message: String) -> String {
        guard let match = message.firstMatch(of: /OPENSSL_internal:([A-Z0-9_]+)/) else { return message }
        return switch match.1 {
        case "CERTIFICATE_VERIFY_FAILED":
            "the server's certificate has expired, or nobody that is trusted here signed it"
        case "WRONG_VERSION_NUMBER", "HTTP_REQUEST": "the server does not speak TLS at this port"
        case let name: name.lowercased().replacing("_", with: " ")
        }
    }

    private func fault(_ error: HTTPClientError) -> S3Fault {
        let timeouts = settings.timeouts
        switch error {
        case .cancelled:
            return S3Fault(error: .cancelled)
        case .connectTimeout, .tlsHandshakeTimeout:
            return S3Fault(error: .timedOut(seconds: timeouts.connect / .seconds(1)), isTransient: true)
        case .readTimeout, .writeTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout:
            return S3Fault(error: .timedOut(seconds: timeouts.answer / .seconds(1)), isTransient: true)
        // A server that answers before it has read all leaves the body unfinished.
        case .remoteConnectionClosed, .requestStreamCancelled, .bodyLengthMismatch:
            return S3Fault(error: .disconnected, isTransient: true)
        default:
            return S3Fault(error: .protocolFault(error.shortDescription))
        }
    }

    private func connectionFault(_ error: NIOConnectionError) -> TransferError {
        let host = endpoint.bareHost
        guard !error.connectionErrors.isEmpty else { return .nameUnknown(host: host) }
        for case let cause as IOError in error.connectionErrors.map(\.error) {
            return .unreachable(host: host, errno: cause.errnoCode)
        }
        return .timedOut(seconds: settings.timeouts.connect / .seconds(1))
    }
}

extension S3Client {
    /// What an answer other than 2xx means ("Error responses" of the Amazon S3 API reference).
    func fault(status: Int, headers: HTTPHeaders, body: [UInt8], path: RemotePath?) -> S3Fault {
        let document = S3Document(body).flatMap { $0.root == "Error" ? $0 : nil }
        let code = S3Client.word(document?.fields["Code"] ?? "")
        let wait = headers.first(name: "retry-after").flatMap { Int($0) }.map { Duration.seconds(max(0, $0)) }
        if let region = otherRegion(status: status, code: code, headers: headers, document: document) {
            return S3Fault(error: .regionDiffers(named: settings.region, actual: region))
        }
        if let seconds = clockDifference(status: status, code: code, headers: headers) {
            return S3Fault(error: .clockDiffers(seconds: seconds))
        }
        switch (status, code) {
        case (_, "SlowDown"), (_, "Throttling"), (429, _), (503, _):
            return S3Fault(error: .throttled, isTransient: true, wait: wait)
        case (_, "RequestTimeout"):
            let seconds = settings.timeouts.answer / .seconds(1)
            return S3Fault(error: .timedOut(seconds: seconds), isTransient: true)
        case (_, "InternalError"), (500, ""), (502, _), (504, _), (_, "OperationAborted"),
            (_, "ConditionalRequestConflict"):
            return S3Fault(error: .refused(status: status, code: code), isTransient: true, wait: wait)
        default:
            return S3Fault(
                error: lastingError(status: status, code: code, path: path),
                isTransient: status == 500
            )
        }
    }

    /// What an answer means that another attempt would not change.
    private func lastingError(status: Int, code: String, path: RemotePath?) -> TransferError {
        switch (status, code, path) {
        case (_, "NoSuchBucket", _), (404, _, nil):
            .bucketUnknown(settings.server.bucket)
        case (_, "NoSuchKey", let path?), (404, "", let path?):
            .notFound(path)
        case (_, "InvalidAccessKeyId", _), (_, "SignatureDoesNotMatch", _), (_, "InvalidToken", _),
            (_, "ExpiredToken", _), (_, "TokenRefreshRequired", _), (401, _, _):
            .signInRefused(detail: code)
        case (_, "QuotaExceeded", _), (_, "StorageFull", _), (_, "XMinioStorageFull", _), (507, _, _):
            .full(errno: ENOSPC)
        case (_, "BadDigest", let path?), (_, "XAmzContentSHA256Mismatch", let path?):
            .checksumDiffers(path)
        case (_, "KeyTooLongError", let path?), (_, "InvalidURI", let path?):
            .unusablePath(path.spelling)
        case (_, "InvalidObjectState", _):
            .refused(status: status, code: code)
        case (_, "AccessDenied", _), (403, _, _):
            .denied(path, errno: EACCES)
        default:
            .refused(status: status, code: code)
        }
    }

    /// The bucket's region where an answer says that it is another one.
    private func otherRegion(
        status: Int,
        code: String,
        headers: HTTPHeaders,
        document: S3Document?
    ) -> String? {
        guard [301, 307, 400, 403].contains(status) else { return nil }
        let isAboutRegion =
            status < 400 || code == "AuthorizationHeaderMalformed" || code == "IncorrectEndpoint"
        let told = headers.first(name: "x-amz-bucket-region") ?? document?.fields["Region"]
        if let told, told != settings.region, isAboutRegion || status == 400 { return S3Client.word(told) }
        guard isAboutRegion, let host = document?.fields["Endpoint"] else { return nil }
        // bucket.s3.us-west-2.amazonaws.com, bucket.s3-us-west-2.amazonaws.com
        let labels = host.split(separator: ".")
        guard let amazon = labels.firstIndex(of: "amazonaws"), amazon > 0 else { return nil }
        let label = labels[amazon - 1]
        let region = label.hasPrefix("s3-") ? label.dropFirst(3) : label
        return region == "s3" || region == settings.region ? nil : S3Client.word(String(region))
    }

    /// How far the storage's clock is ahead where that is why it refuses, in seconds.
    private func clockDifference(status: Int, code: String, headers: HTTPHeaders) -> Double? {
        guard code == "RequestTimeTooSkewed" || (code.isEmpty && status == 403),
            let date = headers.first(name: "date").flatMap(S3Time.nanoseconds(header:))
        else { return nil }
        let seconds = Double(date - settings.surroundings.now()) / 1e9
        // Amazon refuses requests stamped more than 15 minutes off.
        return code == "RequestTimeTooSkewed" || abs(seconds) >= 900 ? seconds : nil
    }

    /// A word of a server's own, without anything that could be more than a word.
    static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
        }
        return isPlain ? String(text.prefix(64)) : ""
    }
}
