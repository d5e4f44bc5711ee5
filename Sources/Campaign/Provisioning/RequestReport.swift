// SPDX-License-Identifier: Apache-2.0

import Provisioning
import Storage
import Terminal

/// A request that was written here, as commands show it.
package struct RequestReport: Encodable, Sendable {
    /// What the test of the exchange uses.
    package struct Test: Codable, Sendable {
        package let dataSource: String
        package let key: String
        package let trait: Int
        package let segment: String
        /// Whether its IDs are encrypted addresses, which become an audience of profiles only by force.
        package let givesAddresses: Bool
    }

    package let request: String
    package let state: String
    package let organizationName: String
    package let environment: String
    package let fingerprint: String
    package let created: String
    /// Once it is completed: the shared data sources that it set up.
    package let dataSources: [String]
    package let test: Test?
    package let api: String?

    init(_ written: WrittenRequest, declared: SharedDataSource?) {
        request = written.request.request
        state = written.state.rawValue
        organizationName = written.request.organizationName
        environment = written.request.environment
        fingerprint = written.request.fingerprint
        created = Moment.text(written.request.created)
        let completion = written.state == .completed ? written.completion : nil
        var sources: [String] = []
        if let completion {
            if written.request.ids.contains(.visitor) { sources.append(SharedDataSource.defaultID.rawValue) }
            if let declared = completion.declared { sources.append(declared) }
        }
        dataSources = sources
        api = completion?.api
        if let test = completion?.test, test.kind == .declared, let declared, let key = declared.keyField {
            self.test = Test(
                dataSource: declared.id.rawValue,
                key: key.name,
                trait: test.trait,
                segment: test.segment,
                givesAddresses: declared.givesAddresses
            )
        } else {
            test = nil
        }
    }
}
