//! Multi-scale structural similarity: how alike two images are.

use tch::{Kind, Tensor};

use crate::net::ImageShape;

/// Weights of the five scales (Wang et al. 2003).
const WEIGHTS: [f64; 5] = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
/// Side and deviation of the Gaussian window at full size.
const WINDOW: (i64, f64) = (11, 1.5);

/// Returns the mean similarity of all ordered pairs of different images of a batch: near 0 for diverse images, 1
/// for copies.
///
/// The window shrinks to the image where that is smaller; negative parts count as zero.
///
/// # Shapes
/// `x`: `[n, pixels]` with pixels in `0..=255`.
///
/// # Source
/// Wang, Simoncelli and Bovik 2003; as a measure of diversity Odena et al. 2016. The recipe is that of
/// `google/compare_gan` (`ms_ssim_score.py`).
pub fn mean_pairwise_similarity(x: &Tensor, shape: ImageShape) -> f64 {
    let n = x.size()[0];
    let pairs = Tensor::triu_indices(n, n, 1, (Kind::Int64, x.device()));
    // A pair scores the same in either order.
    similarities(x, [&pairs.select(0, 0), &pairs.select(0, 1)], shape)
        .mean(Kind::Double)
        .double_value(&[])
}

/// Returns the multi-scale structural similarity of pairs of images, `[n]`.
///
/// # Shapes
/// `x`, `y`: `[n, pixels]` with pixels in `0..=255`.
pub fn multi_scale_similarity(x: &Tensor, y: &Tensor, shape: ImageShape) -> Tensor {
    let n = x.size()[0];
    let at = Tensor::arange(n, (Kind::Int64, x.device()));
    similarities(&Tensor::cat(&[x, y], 0), [&at, &(&at + n)], shape)
}

/// The similarity of the images at one place of two indices, `[places]`.
fn similarities(images: &Tensor, pairs: [&Tensor; 2], shape: ImageShape) -> Tensor {
    let _guard = tch::no_grad_guard();
    let mut maps = images.reshape([-1, shape.channels, shape.height, shape.width]);
    let mut product = Tensor::ones([pairs[0].size()[0]], (images.kind(), images.device()));
    for (scale, weight) in WEIGHTS.into_iter().enumerate() {
        let (similarity, contrast) = similarity(&maps, pairs);
        let last = scale + 1 == WEIGHTS.len();
        let part = if last { similarity } else { contrast };
        product *= part.relu().pow_tensor_scalar(weight);
        maps = halved(&maps);
    }
    product
}

/// Structural similarity of pairs and its contrast part, means over pixels and channels, `[places]`.
fn similarity(maps: &Tensor, pairs: [&Tensor; 2]) -> (Tensor, Tensor) {
    let (c1, c2) = ((0.01f64 * 255.0).powi(2), (0.03f64 * 255.0).powi(2));
    let means = filtered(maps);
    let squares = means.square();
    let variances = filtered(&maps.square()) - &squares;
    let of_pairs = |each: &Tensor| pairs.map(|index| each.index_select(0, index));
    let sum = |each: &Tensor| {
        let [x, y] = of_pairs(each);
        x + y
    };
    let product = |each: &Tensor| {
        let [x, y] = of_pairs(each);
        x * y
    };
    let means = product(&means);
    let covariance = filtered(&product(maps)) - &means;
    let contrast = (covariance * 2.0 + c2) / (sum(&variances) + c2);
    let similarity = (means * 2.0 + c1) / (sum(&squares) + c1) * &contrast;
    let mean = |x: &Tensor| x.mean_dim([1i64, 2, 3].as_slice(), false, None::<Kind>);
    (mean(&similarity), mean(&contrast))
}

/// Local means under a Gaussian window that lies wholly inside.
fn filtered(x: &Tensor) -> Tensor {
    let size = x.size();
    let side = WINDOW.0.min(size[2]).min(size[3]);
    let sigma = WINDOW.1 * side as f64 / WINDOW.0 as f64;
    let at = Tensor::arange(side, (x.kind(), x.device())) - (side as f64 - 1.0) / 2.0;
    let kernel = (at.square() / (-2.0 * sigma * sigma)).exp();
    let kernel = &kernel / kernel.sum(x.kind());
    let rows = x.reshape([-1, 1, size[2], size[3]]);
    let plane = rows
        .conv2d(&kernel.reshape([1, 1, side, 1]), None::<Tensor>, [1; 2], [0; 2], [1; 2], 1)
        .conv2d(&kernel.reshape([1, 1, 1, side]), None::<Tensor>, [1; 2], [0; 2], [1; 2], 1);
    plane.reshape([size[0], size[1], plane.size()[2], plane.size()[3]])
}

/// Means of 2 x 2 pixels; a last odd line or column is doubled.
fn halved(x: &Tensor) -> Tensor {
    let size = x.size();
    let padded = x.replication_pad2d([0, size[3] % 2, 0, size[2] % 2]);
    padded.avg_pool2d([2; 2], [2; 2], [0; 2], false, true, None::<i64>)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use crate::rng::double;
    use approx::assert_abs_diff_eq;

    const SHAPE: ImageShape = ImageShape { channels: 2, height: 14, width: 9 };

    #[test]
    fn an_image_is_wholly_like_itself_and_copies_are_not_diverse() {
        let x = double(&[0]).uniform(&[4, SHAPE.dim()]).squeeze_dim(0) * 255.0;
        for similarity in to_vec(&multi_scale_similarity(&x, &x, SHAPE)) {
            assert_abs_diff_eq!(similarity, 1.0, epsilon = 1e-9);
        }
        let copies = x.narrow(0, 0, 1).expand([5, -1], false);
        assert_abs_diff_eq!(mean_pairwise_similarity(&copies, SHAPE), 1.0, epsilon = 1e-9);
        assert!(mean_pairwise_similarity(&x, SHAPE) < 0.5);
    }

    /// Of constant images a and b only the last scale's brightness differs: it is
    /// `((2 a b + C1) / (a^2 + b^2 + C1))^0.1333` with C1 = 2.55^2.
    #[test]
    fn constant_images_by_hand() {
        let constant =
            |level: f64| Tensor::full([1, SHAPE.dim()], level, (Kind::Double, tch::Device::Cpu));
        let (a, b, c) = (200.0f64, 50.0, 2.55f64.powi(2));
        let expected = ((2.0 * a * b + c) / (a * a + b * b + c)).powf(0.1333);
        let found = to_vec(&multi_scale_similarity(&constant(a), &constant(b), SHAPE))[0];
        assert_abs_diff_eq!(found, expected, epsilon = 1e-9);
    }
}
