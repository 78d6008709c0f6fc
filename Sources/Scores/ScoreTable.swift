// SPDX-License-Identifier: Apache-2.0

/// Which text a category is scored in.
package enum ScoredSide: String, Sendable, CaseIterable {
    /// What was asked: the prompt.
    case request
    /// What was said by the model: the response and its reasoning.
    case response
}

/// The weights of one side: a linear model for each of its categories.
///
///     logit = bias + scale * (sum of the window's weights) / sqrt(number of its features)
///
/// The scale and the bias are those of the calibration, so that 1 / (1 + exp(-logit)) is the
/// probability that a text is of the category where one text in a hundred is.
///
///     | weights of bucket 0: category 0, 1, … 7 | bucket 1 | … |    one signed byte each
package struct ScoreTable: Sendable, Equatable {
    /// As many as one row holds.
    package static let categoriesMax = 8

    /// One category's name and what turns its sums into logits.
    package struct Category: Sendable, Equatable {
        package var name: String
        package var scale: Float
        package var bias: Float

        package init(name: String, scale: Float, bias: Float) {
            self.name = name
            self.scale = scale
            self.bias = bias
        }
    }

    package let side: ScoredSide
    package let categories: [Category]
    /// By bucket; a row's places after the last category are 0.
    package let rows: [SIMD8<Int8>]
    let scales: SIMD8<Float>
    let biases: SIMD8<Float>

    package init(side: ScoredSide, categories: [Category], rows: [SIMD8<Int8>]) {
        precondition(
            categories.count <= Self.categoriesMax,
            "\(categories.count) categories do not fit \(Self.categoriesMax) places")
        precondition(
            rows.count == TextFeatures.bucketCount, "\(rows.count) rows are not one a bucket")
        self.side = side
        self.categories = categories
        self.rows = rows
        var scales = SIMD8<Float>.zero
        var biases = SIMD8<Float>.zero
        for (index, category) in categories.enumerated() {
            scales[index] = category.scale
            biases[index] = category.bias
        }
        self.scales = scales
        self.biases = biases
    }
}
