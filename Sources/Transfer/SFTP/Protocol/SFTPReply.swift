// SPDX-License-Identifier: Apache-2.0

/// A server's answer to a request (draft-ietf-secsh-filexfer-02, section 7).
enum SFTPReply: Sendable {
    case status(SFTPStatus)
    case handle([UInt8])
    case data([UInt8])
    case names([Name])
    case attributes(SFTPAttributes)
    case extended([UInt8])

    /// A name in a folder, or a path.
    struct Name: Sendable {
        let bytes: [UInt8]
        let attributes: SFTPAttributes
    }

    /// The type of a packet that carries data, whose body is handed over without the length of the data.
    static let dataType: UInt8 = 103

    /// Reads a packet, nothing where it is not one of the protocol's.
    init?(type: UInt8, body: [UInt8]) {
        var fields = SFTPFields(body)
        switch type {
        case 101:
            guard let code = fields.number32() else { return nil }
            let message = fields.string() ?? []
            self = .status(SFTPStatus(code: code, message: String(decoding: message, as: UTF8.self)))
        case 102:
            guard let handle = fields.string() else { return nil }
            self = .handle(handle)
        case SFTPReply.dataType:
            self = .data(body)
        case 104:
            guard let count = fields.number32() else { return nil }
            var names: [Name] = []
            for _ in 0..<count {
                guard let name = fields.string(), fields.string() != nil,
                    let attributes = SFTPAttributes(&fields)
                else { return nil }
                names.append(Name(bytes: name, attributes: attributes))
            }
            self = .names(names)
        case 105:
            guard let attributes = SFTPAttributes(&fields) else { return nil }
            self = .attributes(attributes)
        case 201:
            self = .extended(body)
        default:
            return nil
        }
    }
}

/// How a request ended, in the server's words.
struct SFTPStatus: Hashable, Sendable {
    let code: UInt32
    let message: String

    static let ok: UInt32 = 0
    static let endOfFile: UInt32 = 1
    static let noSuchFile: UInt32 = 2
    static let permissionDenied: UInt32 = 3
    static let failure: UInt32 = 4
    static let badMessage: UInt32 = 5
    static let noConnection: UInt32 = 6
    static let connectionLost: UInt32 = 7
    static let unsupported: UInt32 = 8
    // Of later drafts; some servers use them in version 3, too.
    static let alreadyExists: UInt32 = 11
    static let writeProtected: UInt32 = 12
    static let noSpace: UInt32 = 14
    static let overQuota: UInt32 = 15
}
