// SPDX-License-Identifier: Apache-2.0

import Matching
import Testing

@Suite struct AddressFormTests {
    struct Table: Decodable {
        struct Case: Decodable {
            let value: String
            let accepted: Bool
        }
        let email, mobilePhone: [Case]
    }

    @Test func `addresses are told from junk as the table says`() throws {
        let table = try TestVectors.load("addresses", as: Table.self)
        for line in table.email {
            #expect(AddressForm.email.accepts(line.value) == line.accepted, "\(line.value)")
        }
        for line in table.mobilePhone {
            #expect(AddressForm.mobilePhone.accepts(line.value) == line.accepted, "\(line.value)")
        }
    }

    @Test func `every ASCII character is where an address may have it`() {
        let label = Set("-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        let local = label.union(".!#$%&'*+/=?^_`{|}~")
        for code in UInt8(0)..<128 {
            let character = Character(UnicodeScalar(code))
            #expect(AddressForm.email.accepts("x\(character)x@example.com") == local.contains(character))
            let isInDomain = label.contains(character) || character == "."
            #expect(AddressForm.email.accepts("x@ex\(character)mple.com") == isInDomain)
        }
    }

    @Test func `any text is text without control characters`() {
        #expect(AddressForm.any.accepts("a"))
        #expect(AddressForm.any.accepts("Zoë: 1"))
        #expect(!AddressForm.any.accepts(""))
        #expect(!AddressForm.any.accepts("a\nb"))
        #expect(AddressForm.any.accepts(String(repeating: "x", count: 1024)))
        #expect(!AddressForm.any.accepts(String(repeating: "x", count: 1025)))
    }

    @Test func `bytes that are not UTF-8 are no address`() {
        let wrong: [[UInt8]] = [
            [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80],
        ]
        for bytes in wrong {
            bytes.withUnsafeBytes { #expect(!AddressForm.any.accepts($0)) }
            (bytes + Array("@example.com".utf8)).withUnsafeBytes { #expect(!AddressForm.email.accepts($0)) }
        }
    }
}
