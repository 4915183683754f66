//! The only place that makes random numbers.
//!
//! libtorch has one global generator per process, which threads share; ours is explicit. An [`Rng`]
//! is a bundle with one ChaCha8 stream per member, and can be forked by label: the fork depends on
//! the seed and the labels alone, never on what was drawn before, so that adding a metric does not
//! shift the training stream.

use rand::{Rng as _, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

use crate::device::{CPU, Options};

/// One stream of random numbers per member of a stack.
#[derive(Clone, Debug)]
pub struct Rng {
    streams: Vec<ChaCha8Rng>,
    options: Options,
    numbers: Vec<f32>,
}

impl Rng {
    /// Returns the root streams of the given seeds, one member each.
    pub fn new(seeds: &[u64]) -> Self {
        let key = |seed: &u64| blake3::derive_key("understanding-gans seed", &seed.to_le_bytes());
        Self::of_keys(seeds.iter().map(key), CPU)
    }

    fn of_keys(keys: impl Iterator<Item = [u8; 32]>, options: Options) -> Self {
        let streams = keys.map(ChaCha8Rng::from_seed).collect();
        Self { streams, options, numbers: Vec::new() }
    }

    /// Returns the same streams for tensors of another kind or device.
    pub fn with(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Returns fresh streams that depend on this bundle's keys and the label only.
    pub fn fork(&self, label: &str) -> Self {
        let key = |stream: &ChaCha8Rng| {
            *blake3::keyed_hash(&stream.get_seed(), label.as_bytes()).as_bytes()
        };
        Self::of_keys(self.streams.iter().map(key), self.options)
    }

    /// Returns the number of members.
    pub fn members(&self) -> i64 {
        self.streams.len() as i64
    }

    /// Returns the kind and device of the tensors that this bundle makes.
    pub fn options(&self) -> Options {
        self.options
    }

    /// Returns uniform numbers inside (0, 1), the midpoints of 2^23 equal cells.
    ///
    /// # Shapes
    /// `[members, shape..]`.
    pub fn uniform(&mut self, shape: &[i64]) -> Tensor {
        self.draw(shape, |word| 0.5 + 0.5 * symmetric(word)).to_kind(self.options.0)
    }

    /// Returns independent standard normal numbers: the inverse distribution function of uniform ones.
    ///
    /// It is one vectorised operation, cheaper than the logarithm, root, sine and cosine of Box and
    /// Muller. The largest possible magnitude is 5.3.
    ///
    /// # Shapes
    /// `[members, shape..]`.
    pub fn normal(&mut self, shape: &[i64]) -> Tensor {
        let mut x = self.draw(shape, symmetric);
        let mut x = x.erfinv_();
        x.g_mul_scalar_(std::f64::consts::SQRT_2).to_kind(self.options.0)
    }

    /// Returns uniform integers of `0..n` as an index tensor.
    ///
    /// The bias towards small values is below `n / 2^23`.
    ///
    /// # Shapes
    /// `[members, count]`, kind `Int64`.
    ///
    /// # Panics
    /// If `n` is not inside `1..=2^23`.
    pub fn index(&mut self, n: i64, count: i64) -> Tensor {
        assert!((1..=1 << 23).contains(&n), "cannot draw an index below {n}");
        let scaled = self.draw(&[count], |word| 0.5 + 0.5 * symmetric(word)).to_kind(Kind::Double);
        (scaled * n as f64).floor().to_kind(Kind::Int64)
    }

    /// Returns one number per word of the streams, in single precision on this bundle's device.
    fn draw(&mut self, shape: &[i64], number: impl Fn(u32) -> f32) -> Tensor {
        let n = shape.iter().product::<i64>() as usize;
        self.numbers.resize(n * self.streams.len(), 0.0);
        // Blocks that stay in the fastest cache between the cipher and the conversion.
        let mut bytes = [0u8; 4096];
        for (stream, row) in self.streams.iter_mut().zip(self.numbers.chunks_exact_mut(n.max(1))) {
            for block in row.chunks_mut(bytes.len() / 4) {
                let bytes = &mut bytes[..4 * block.len()];
                stream.fill_bytes(bytes);
                for (slot, word) in block.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    *slot = number(u32::from_le_bytes(*word));
                }
            }
        }
        let full: Vec<i64> = [&[self.members()], shape].concat();
        Tensor::from_slice(&self.numbers).reshape(full).to_device(self.options.1)
    }

    /// Returns the state of the streams: per member its key and its position, for a checkpoint.
    pub fn state(&self) -> Vec<u8> {
        let bytes = |stream: &ChaCha8Rng| {
            let position = stream.get_word_pos().to_le_bytes();
            stream.get_seed().into_iter().chain(position).collect::<Vec<u8>>()
        };
        self.streams.iter().flat_map(bytes).collect()
    }

    /// Sets the streams to a state that [`Rng::state`] returned.
    ///
    /// # Panics
    /// If the state is not one of as many members.
    pub fn restore(&mut self, state: &[u8]) {
        const WORDS: usize = 32 + 16;
        assert_eq!(state.len(), WORDS * self.streams.len(), "state of another number of members");
        for (stream, bytes) in self.streams.iter_mut().zip(state.as_chunks::<WORDS>().0) {
            let (key, position) = bytes.split_at(32);
            *stream = ChaCha8Rng::from_seed(key.try_into().expect("32 bytes"));
            stream.set_word_pos(u128::from_le_bytes(position.try_into().expect("16 bytes")));
        }
    }
}

/// Returns the midpoint of one of 2^23 equal cells of (-1, 1). With 2^24 cells the outer midpoints would
/// need 25 bits and round to the ends.
fn symmetric(word: u32) -> f32 {
    let cell = (word >> 9) as i32 - (1 << 22);
    (cell as f32 + 0.5) * (1.0 / 4_194_304.0)
}

/// Returns the generator on the CPU in double precision, for tests of mathematics.
pub fn double(seeds: &[u64]) -> Rng {
    Rng::new(seeds).with((Kind::Double, Device::Cpu))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::to_vec;
    use approx::assert_abs_diff_eq;

    #[test]
    fn a_member_of_a_bundle_equals_its_solo_stream() {
        let mut stack = Rng::new(&[3, 4, 5]);
        let mut solo = Rng::new(&[4]);
        for shape in [vec![5, 3], vec![7], vec![2, 2, 2]] {
            assert_eq!(to_vec(&stack.normal(&shape).select(0, 1)), to_vec(&solo.normal(&shape)));
            assert_eq!(to_vec(&stack.index(9, 4).select(0, 1)), to_vec(&solo.index(9, 4)));
        }
    }

    #[test]
    fn forks_do_not_depend_on_draws_and_differ_by_label() {
        let mut root = Rng::new(&[0]);
        let before = to_vec(&root.fork("data").uniform(&[4]));
        let _ = root.uniform(&[1000]);
        assert_eq!(before, to_vec(&root.fork("data").uniform(&[4])));
        assert_ne!(before, to_vec(&root.fork("eval").uniform(&[4])));
        assert_ne!(before, to_vec(&Rng::new(&[1]).fork("data").uniform(&[4])));
    }

    #[test]
    fn restored_streams_continue() {
        let mut rng = Rng::new(&[1, 2]).fork("training");
        let _ = rng.normal(&[13]);
        let state = rng.state();
        let expected = to_vec(&rng.normal(&[5, 3]));
        let mut other = Rng::new(&[8, 9]);
        other.restore(&state);
        assert_eq!(to_vec(&other.normal(&[5, 3])), expected);
    }

    /// Moments of 400,000 draws: the standard errors are 0.0016 (mean), 0.0022 (variance) and
    /// 0.0155 (kurtosis); the bounds are five of them.
    #[test]
    fn normals_have_the_moments_of_a_normal() {
        let x = double(&[11]).normal(&[400_000]);
        let moment = |k: f64| x.pow_tensor_scalar(k).mean(Kind::Double).double_value(&[]);
        assert_abs_diff_eq!(moment(1.0), 0.0, epsilon = 0.008);
        assert_abs_diff_eq!(moment(2.0), 1.0, epsilon = 0.011);
        assert_abs_diff_eq!(moment(4.0), 3.0, epsilon = 0.08);
        // Numbers far apart in a stream are uncorrelated.
        let halves = x.reshape([2, 200_000]);
        let product = (halves.select(0, 0) * halves.select(0, 1)).mean(Kind::Double);
        assert_abs_diff_eq!(product.double_value(&[]), 0.0, epsilon = 0.012);
    }

    #[test]
    fn extreme_words_stay_inside_the_interval() {
        assert!(symmetric(0) > -1.0 && symmetric(u32::MAX) < 1.0);
        assert_abs_diff_eq!(symmetric(0), -symmetric(u32::MAX));
        assert!(0.5 + 0.5 * symmetric(0) > 0.0 && 0.5 + 0.5 * symmetric(u32::MAX) < 1.0);
    }

    #[test]
    fn indices_are_uniform_and_in_range() {
        let index = Rng::new(&[2]).index(8, 80_000);
        let counts = to_vec(&index.flatten(0, -1).bincount::<Tensor>(None, 8));
        // Each count is Binomial(80,000, 1/8): standard deviation 94.
        assert_eq!(counts.len(), 8);
        assert!(counts.iter().all(|c| (c - 10_000.0).abs() < 500.0), "{counts:?}");
    }
}
