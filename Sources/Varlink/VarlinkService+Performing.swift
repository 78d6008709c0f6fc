// SPDX-License-Identifier: Apache-2.0

extension VarlinkService {
    /// A name that a caller sent is told back no longer than this.
    private static let toldCharacters = 256

    /// Does what a message asks for. Its last reply, or of a stream the means to send it, has left
    /// this thread afterwards.
    func perform(_ frame: [UInt8], _ channel: CallChannel, _ reader: inout JSONReader) {
        let message: CallMessage
        do throws(JSONFault) {
            message = try CallMessage(try reader.read(frame))
        } catch {
            let fault = info.connectionError("MalformedCall", ["reason": .string(error.reason)])
            return channel.end(ReplyMessage.frame(fault), closes: true)
        }
        do {
            try perform(message, channel)
        } catch {
            channel.end(message.isOneway ? [] : ReplyMessage.frame(info.told(error)))
        }
    }

    private func perform(_ message: CallMessage, _ channel: CallChannel) throws {
        let told = String(message.method.prefix(Self.toldCharacters))
        guard let known = interfaces[Self.split(message.method).interface] else {
            throw VarlinkError.interfaceNotFound(Self.split(told).interface)
        }
        guard let (interface, method) = declaration(of: message.method) else {
            throw VarlinkError.methodNotFound(told)
        }
        guard !message.wantsUpgrade else {
            throw info.connectionError("UpgradeNotSupported", ["method": .string(message.method)])
        }
        if let path = interface.fault(in: message.parameters, as: method.input) {
            throw VarlinkError.invalidParameter(path)
        }
        if known.name == "org.varlink.service" {
            let reply = JSONText.bytes(try standardReply(message))
            return channel.end(message.isOneway ? [] : ReplyMessage.frame(parameters: reply))
        }
        guard let handler = handler(of: message.method) else {
            throw VarlinkError.methodNotImplemented(message.method)
        }
        guard message.wantsMore || !isStreaming(message.method) else {
            throw VarlinkError.expectedMore
        }
        let call = VarlinkCall(
            method: message.method, parameters: message.parameters, peer: channel.peer,
            isOneway: message.isOneway)
        try handler(call, channel)
    }
}
