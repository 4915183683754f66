//! Convolutions with a stride of two by blocks of 2 x 2 pixels, for few colours.
//!
//! The derivative of a strided convolution by an image of one or three colours, and the transposed convolution to
//! such an image, which is the same operation, take libtorch's slowest path. With the four pixels of a block as
//! channels both are convolutions with a stride of one, of a kernel that zeros fill up to whole blocks (Shi et
//! al. 2016, "Is the deconvolution layer the same as a convolutional layer?").

use tch::Tensor;

/// The most colours for which blocks are faster.
pub(super) const FEW: i64 = 4;

/// Blocks on each side of the one that a tap of a kernel of this side reaches at most.
fn reach(kernel: i64) -> i64 {
    (kernel + 1) / 4
}

/// Fills kernels with zeros up to whole blocks and returns blocks and places within them apart,
/// `[.., blocks, 2, blocks, 2]`; the middle tap is the first place of the middle block.
fn by_blocks(weight: &Tensor) -> Tensor {
    let mut size = weight.size();
    let kernel = size.pop().expect("a kernel has two sides");
    let reach = reach(kernel);
    let before = 2 * reach - kernel / 2;
    let after = 2 * (2 * reach + 1) - kernel - before;
    let whole = weight.constant_pad_nd([before, after, before, after]);
    size.truncate(size.len() - 1);
    size.extend([2 * reach + 1, 2, 2 * reach + 1, 2]);
    whole.reshape(size)
}

/// Returns the convolution with a stride of two that keeps every second pixel, the first among them.
///
/// # Shapes
/// `maps`: `[batch, groups * inputs, height, width]`; `weight`: `[groups * outputs, inputs, kernel, kernel]`,
/// the kernel odd; `bias`: `[groups * outputs]`.
pub(super) fn convolve(maps: &Tensor, weight: &Tensor, bias: &Tensor, groups: i64) -> Tensor {
    let (size, side) = (maps.size(), weight.size()[3]);
    let even = maps.constant_pad_nd([0, size[3] % 2, 0, size[2] % 2]);
    let weight = by_blocks(weight).permute([0, 1, 3, 5, 2, 4]).flatten(1, 3);
    let padding = [reach(side); 2];
    even.pixel_unshuffle(2).conv2d(&weight, Some(bias), [1; 2], padding, [1; 2], groups)
}

/// Returns the transposed convolution with a stride of two to maps of a height and a width.
///
/// # Shapes
/// `maps`: `[batch, members * inputs, ..]`; `weight`: `[members, inputs, outputs, kernel, kernel]`, the kernel
/// odd; `bias`: `[members, outputs]`.
pub(super) fn deconvolve(
    maps: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    to: [i64; 2],
) -> Tensor {
    let (members, side) = (weight.size()[0], weight.size()[4]);
    // A tap that reaches a block further makes of a pixel one that stands a block before.
    let weight = by_blocks(weight).flip([3, 5]).permute([0, 2, 4, 6, 1, 3, 5]).flatten(0, 3);
    let bias = bias.map(|bias| bias.flatten(0, -1).repeat_interleave_self_int(4, None, None));
    let padding = [reach(side); 2];
    let blocks = maps.conv2d(&weight, bias, [1; 2], padding, [1; 2], members);
    blocks.pixel_shuffle(2).narrow(2, 0, to[0]).narrow(3, 0, to[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::double;

    const GROUPS: i64 = 2;
    const SIZES: [[i64; 2]; 3] = [[6, 8], [7, 6], [5, 9]];

    /// Groups, odd sides and any odd kernel: the library's own numbers.
    #[test]
    fn a_convolution_by_blocks_is_a_convolution() {
        let mut rng = double(&[0]);
        for kernel in [1, 3, 5, 7] {
            for [height, width] in SIZES {
                let mut normal = |shape: &[i64]| rng.normal(shape).squeeze_dim(0);
                let maps = normal(&[4, GROUPS * 3, height, width]);
                let (weight, bias) =
                    (normal(&[GROUPS * 2, 3, kernel, kernel]), normal(&[GROUPS * 2]));
                let padding = [kernel / 2; 2];
                let straight = maps.conv2d(&weight, Some(&bias), [2; 2], padding, [1; 2], GROUPS);
                let blocks = convolve(&maps, &weight, &bias, GROUPS);
                assert_eq!(blocks.size(), straight.size());
                assert!(blocks.allclose(&straight, 1e-12, 1e-12, false), "{kernel} {height}");
            }
        }
    }

    #[test]
    fn a_transposed_convolution_by_blocks_is_a_transposed_convolution() {
        let mut rng = double(&[0]);
        for kernel in [1, 3, 5, 7] {
            for to in SIZES {
                let mut normal = |shape: &[i64]| rng.normal(shape).squeeze_dim(0);
                let from = to.map(|side| (side + 1) / 2);
                let maps = normal(&[4, GROUPS * 3, from[0], from[1]]);
                let weight = normal(&[GROUPS, 3, 2, kernel, kernel]);
                let bias = normal(&[GROUPS, 2]);
                let straight = maps.conv_transpose2d(
                    &weight.flatten(0, 1),
                    Some(&bias.flatten(0, 1)),
                    [2; 2],
                    [kernel / 2; 2],
                    [to[0] - (2 * from[0] - 1), to[1] - (2 * from[1] - 1)],
                    GROUPS,
                    [1; 2],
                );
                let blocks = deconvolve(&maps, &weight, Some(&bias), to);
                assert_eq!(blocks.size(), straight.size());
                assert!(blocks.allclose(&straight, 1e-12, 1e-12, false), "{kernel} {to:?}");
            }
        }
    }
}
