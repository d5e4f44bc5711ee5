// SPDX-License-Identifier: Apache-2.0

import CLibSSH

extension SSHSession {
    /// A way of signing in, by the name that SSH gives it (RFC 4252, RFC 4256).
    private enum Method: String, CaseIterable {
        case publicKey = "publickey"
        case password
        case interactive = "keyboard-interactive"

        var bit: Int32 {
            switch self {
            case .publicKey: Int32(SSH_AUTH_METHOD_PUBLICKEY)
            case .password: Int32(SSH_AUTH_METHOD_PASSWORD)
            case .interactive: Int32(SSH_AUTH_METHOD_INTERACTIVE)
            }
        }
    }

    /// Signs in with the key, the password or one after the other, as the server asks.
    ///
    /// - Returns: The ways that the server accepted, in their order.
    /// - Throws: ``TransferError/signInRefused(detail:)`` with the ways that the server offers, and
    ///   ``TransferError/privateKeyUnusable`` before anything is sent.
    func signIn(_ settings: SFTPSettings) throws(TransferError) -> [String] {
        let key = try settings.privateKey.map { text throws(TransferError) in
            try PrivateKey(text, passphrase: settings.passphrase)
        }
        var answer = ssh_userauth_none(handle, nil)
        var accepted: [String] = []
        var tried: [Method] = []
        while answer != SSH_AUTH_SUCCESS.rawValue {
            guard isConnected else { throw signInFailure() }
            guard answer != SSH_AUTH_ERROR.rawValue else { throw signInFailure() }
            let offered = ssh_userauth_list(handle, nil)
            let next = Method.allCases.first { method in
                offered & method.bit != 0 && !tried.contains(method)
                    && (method == .publicKey ? key != nil : settings.password != nil)
            }
            guard let method = next else {
                throw .signInRefused(detail: detail(offered: offered, tried: tried, accepted: accepted))
            }
            tried.append(method)
            answer = attempt(method, key, settings.password ?? "")
            let isAccepted = answer == SSH_AUTH_SUCCESS.rawValue || answer == SSH_AUTH_PARTIAL.rawValue
            if isAccepted { accepted.append(method.rawValue) }
        }
        return accepted
    }

    private func attempt(_ method: Method, _ key: PrivateKey?, _ password: String) -> Int32 {
        switch method {
        case .publicKey: ssh_userauth_publickey(handle, nil, key?.handle)
        case .password: ssh_userauth_password(handle, nil, password)
        case .interactive: answerQuestions(password)
        }
    }

    /// Answers each question with the password, as servers that ask only for it do.
    private func answerQuestions(_ password: String) -> Int32 {
        var answer = ssh_userauth_kbdint(handle, nil, nil)
        var roundCount = 0
        while answer == SSH_AUTH_INFO.rawValue, roundCount < 8 {
            roundCount += 1
            for index in 0..<max(0, ssh_userauth_kbdint_getnprompts(handle)) {
                ssh_userauth_kbdint_setanswer(handle, UInt32(index), password)
            }
            answer = ssh_userauth_kbdint(handle, nil, nil)
        }
        return answer == SSH_AUTH_INFO.rawValue ? SSH_AUTH_DENIED.rawValue : answer
    }

    private func detail(offered: Int32, tried: [Method], accepted: [String]) -> String {
        let names = Method.allCases.filter { offered & $0.bit != 0 }.map(\.rawValue)
        var parts = ["offered: \(names.isEmpty ? "none" : names.joined(separator: ", "))"]
        if !tried.isEmpty { parts.append("tried: \(tried.map(\.rawValue).joined(separator: ", "))") }
        if !accepted.isEmpty { parts.append("accepted: \(accepted.joined(separator: ", "))") }
        return parts.joined(separator: "; ")
    }

    /// A server that hangs up while we sign in has had enough of our attempts, or is gone.
    private func signInFailure() -> TransferError {
        let text = ssh_get_error(UnsafeMutableRawPointer(handle)).map { String(cString: $0) } ?? ""
        return text.contains("authentication failures")
            ? .signInRefused(detail: "too many attempts") : .disconnected
    }
}

/// A private key, as libssh holds it.
private final class PrivateKey {
    let handle: ssh_key

    init(_ text: String, passphrase: String?) throws(TransferError) {
        var key: ssh_key?
        // Without this function, libcrypto would ask for a missing passphrase at the terminal.
        let code = ssh_pki_import_privkey_base64(text, passphrase, { _, _, _, _, _, _ in -1 }, nil, &key)
        guard code == SSH_OK, let key else { throw .privateKeyUnusable }
        handle = key
    }

    deinit {
        ssh_key_free(handle)
    }
}
