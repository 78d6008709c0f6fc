// SPDX-License-Identifier: Apache-2.0
internal import Detection
internal import Foundation
internal import Scores

/// The models that stand beside rules.
struct ModelFiles {
    static let ending = ".model"

    private(set) var models: [ScoreModel] = []
    private(set) var contents: [[UInt8]] = []
    /// Which file gives a score.
    private var owners: [String: String] = [:]

    /// - Throws: ``SettingsError`` when the file is no model, or gives what another gives.
    mutating func load(_ path: String) throws(SettingsError) {
        let bytes = try BinaryFile.read(path, limitBytes: ScoreModel.fileBytesMax)
        let model: ScoreModel
        do throws(ModelFault) {
            model = try ScoreModel(fileBytes: bytes)
        } catch {
            throw SettingsError("\(path): \(error)")
        }
        for name in model.tables.flatMap(\.fieldNames) {
            if let other = owners.updateValue(path, forKey: name) {
                throw SettingsError(
                    "\(path): gives `\(name)`, as \(other) does; keep one of the two models")
            }
        }
        models.append(model)
        contents.append(bytes)
    }
}
