// SPDX-License-Identifier: Apache-2.0

/// Why the settings of an S3 account can not be used; nothing has been asked of any server yet.
package enum S3SettingsError: Error, Hashable, Sendable {
    /// The receiver server is not `<bucket>.s3.amazonaws.com/<path>`.
    case notAReceiverServer

    /// The receiver server is spelled with a region or with the bucket in the path; this is the right spelling.
    case otherForm(right: String)

    /// The bucket's name breaks the rules: 3 to 63 lowercase letters, digits, dots and hyphens.
    case bucketName(String)

    /// The path in the bucket is empty in the middle, leads upwards or is too long.
    case path(String)

    /// The region is not one word of lowercase letters, digits and hyphens, such as `us-east-2`.
    case region

    /// The endpoint is not `http://host[:port]` or `https://host[:port]`.
    case endpoint

    /// The access key ID is empty or holds characters that no key has.
    case accessKeyID

    /// A certificate authority is given that is no certificate in PEM, or comes with a private key.
    case authority
}
