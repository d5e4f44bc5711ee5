// SPDX-License-Identifier: Apache-2.0

/// The bucket and path of an S3 account, spelled `<bucket>.s3.amazonaws.com/<path>` without the region.
package struct ReceiverServer: Hashable, Sendable {
    /// The bucket's name.
    package let bucket: String

    /// The folder of the bucket that is the account's root, nothing for the whole bucket.
    package let folder: RemotePath?

    /// Takes a bucket and a folder that are known apart.
    ///
    /// - Parameters:
    ///   - bucket: The bucket's name.
    ///   - folder: The folder that is the account's root, nothing for the whole bucket.
    /// - Throws: ``S3SettingsError/bucketName(_:)``.
    package init(bucket: String, folder: RemotePath?) throws(S3SettingsError) {
        guard ReceiverServer.isBucketName(bucket) else { throw .bucketName(bucket) }
        self.bucket = bucket
        self.folder = folder
    }

    /// Reads the documented spelling; `https://` before and a `/` after it are forgiven.
    ///
    /// - Parameter text: For example `partner-drop.s3.amazonaws.com/inbound/2024`.
    /// - Throws: ``S3SettingsError/otherForm(right:)`` with the right spelling where a region is in it or the bucket is
    ///   in the path, ``S3SettingsError/notAReceiverServer``, ``S3SettingsError/bucketName(_:)`` and
    ///   ``S3SettingsError/path(_:)``.
    package init(_ text: String) throws(S3SettingsError) {
        var rest = Substring(text)
        for scheme in ["https://", "http://", "s3://"] where rest.lowercased().hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
        }
        let host = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(host.count).drop { $0 == "/" }
        while path.last == "/" { path = path.dropLast() }

        let (place, bucketInHost) = try ReceiverServer.split(host.lowercased())
        var bucket = bucketInHost
        if bucket.isEmpty {
            bucket = String(path.prefix { $0 != "/" })
            path = path.dropFirst(bucket.count).drop { $0 == "/" }
        }
        let right = "\(bucket).\(ReceiverServer.service)" + (path.isEmpty ? "" : "/\(path)")
        guard ReceiverServer.isBucketName(bucket) else { throw .bucketName(bucket) }
        guard place == "s3", !bucketInHost.isEmpty else { throw .otherForm(right: right) }
        guard !path.isEmpty else {
            try self.init(bucket: bucket, folder: nil)
            return
        }
        guard let folder = try? RemotePath(String(path)) else {
            throw .path(RemotePath.spelling(of: Array(path.utf8)))
        }
        try self.init(bucket: bucket, folder: folder)
    }

    /// The documented spelling.
    package var spelling: String {
        "\(bucket).\(ReceiverServer.service)" + (folder.map { "/\($0.spelling)" } ?? "")
    }
}

extension ReceiverServer {
    private static let service = "s3.amazonaws.com"

    /// Splits a host of Amazon S3 into the part that names service and region, and the bucket before it.
    private static func split(
        _ host: String
    ) throws(S3SettingsError) -> (place: String, bucket: String) {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let amazon = labels.lastIndex(of: "amazonaws"),
            labels[amazon...].elementsEqual(["amazonaws", "com"])
                || labels[amazon...].elementsEqual(["amazonaws", "com", "cn"]),
            let first = serviceIndex(labels[..<amazon])
        else { throw .notAReceiverServer }
        let isChina = labels.last == "cn"
        let place = labels[first..<amazon].joined(separator: ".") + (isChina ? ".cn" : "")
        return (place, labels[..<first].joined(separator: "."))
    }

    /// Where the service's name stands: `s3`, `s3-REGION`, `s3.REGION`, `s3.dualstack.REGION`.
    private static func serviceIndex(_ labels: ArraySlice<String>) -> Int? {
        let last = labels.endIndex - 1
        for index in stride(from: last, through: max(0, last - 2), by: -1) where index >= 0 {
            if labels[index] == "s3" { return index }
            if index == last, labels[index].hasPrefix("s3-") { return index }
        }
        return nil
    }

    /// Whether a text follows the rules for bucket names (Amazon S3 user guide, "General purpose bucket naming rules").
    static func isBucketName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (3...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else {
            return false
        }
        let isPlain = bytes.allSatisfy {
            isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
        guard isPlain, isLetterOrDigit(first), isLetterOrDigit(last), !text.contains("..") else {
            return false
        }
        let parts = text.split(separator: ".")
        let isAddress = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
        return !isAddress && !text.hasPrefix("xn--") && !text.hasSuffix("-s3alias")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
