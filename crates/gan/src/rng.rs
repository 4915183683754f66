//! The only place that makes random numbers.
//!
//! libtorch has one global generator per process, which threads share; ours is explicit. An [`Rng`]
//! is a bundle with one xoshiro256++ stream per member, and can be forked by label: the fork depends on
//! the seed and the labels alone, never on what was drawn before, so that adding a metric does not
//! shift the training stream.

use std::f32::consts::{LN_2, PI};

use pulp::Arch;
use rand::{Rng as _, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::device::{CPU, Options};

/// One stream of random numbers per member of a stack.
#[derive(Clone, Debug)]
pub struct Rng {
    streams: Vec<Stream>,
    options: Options,
    numbers: Vec<f32>,
}

/// A generator and the key that it started from, of which forks are made.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stream {
    key: [u8; 32],
    generator: Xoshiro256PlusPlus,
}

impl Stream {
    fn new(key: [u8; 32]) -> Self {
        Self { key, generator: Xoshiro256PlusPlus::from_seed(key) }
    }
}

impl Rng {
    /// Returns the root streams of the given seeds, one member each.
    ///
    /// # Examples
    /// ```
    /// use gan::Rng;
    ///
    /// // Two seeds train as one stack; each member draws what it would draw alone.
    /// let both = Rng::new(&[0, 1]).fork("data").normal(&[5]);
    /// assert_eq!(both.size(), [2, 5]);
    /// let alone = Rng::new(&[1]).fork("data").normal(&[5]);
    /// assert_eq!(both.get(1), alone.get(0));
    /// ```
    pub fn new(seeds: &[u64]) -> Self {
        let key = |seed: &u64| blake3::derive_key("understanding-gans seed", &seed.to_le_bytes());
        Self::of_keys(seeds.iter().map(key), CPU)
    }

    fn of_keys(keys: impl Iterator<Item = [u8; 32]>, options: Options) -> Self {
        Self { streams: keys.map(Stream::new).collect(), options, numbers: Vec::new() }
    }

    /// Returns the same streams for tensors of another kind or device.
    pub fn with(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Returns fresh streams that depend on this bundle's keys and the label only.
    pub fn fork(&self, label: &str) -> Self {
        let key = |stream: &Stream| *blake3::keyed_hash(&stream.key, label.as_bytes()).as_bytes();
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
        self.draw(shape, uniforms).to_kind(self.options.0)
    }

    /// Returns independent standard normal numbers (Box and Muller 1958). The largest possible
    /// magnitude is 5.77.
    ///
    /// # Shapes
    /// `[members, shape..]`.
    pub fn normal(&mut self, shape: &[i64]) -> Tensor {
        self.draw(shape, normals).to_kind(self.options.0)
    }

    /// Returns uniform integers of `0..n` as an index tensor.
    ///
    /// Probabilities differ from `1 / n` by less than `2^-23`, a share of `n / 2^23`.
    ///
    /// # Shapes
    /// `[members, count]`, kind `Int64`.
    ///
    /// # Panics
    /// If `n` is not inside `1..=2^23`.
    pub fn index(&mut self, n: i64, count: i64) -> Tensor {
        assert!((1..=1 << 23).contains(&n), "cannot draw an index below {n}");
        let scaled = self.draw(&[count], uniforms).to_kind(Kind::Double) * n as f64;
        scaled.floor().to_kind(Kind::Int64)
    }

    /// Returns numbers in single precision that `fill` writes, a row per member.
    fn draw(&mut self, shape: &[i64], fill: fn(&mut Xoshiro256PlusPlus, &mut [f32])) -> Tensor {
        let n = shape.iter().product::<i64>() as usize;
        self.numbers.resize(n * self.streams.len(), 0.0);
        for (stream, row) in self.streams.iter_mut().zip(self.numbers.chunks_exact_mut(n.max(1))) {
            fill(&mut stream.generator, row);
        }
        let full: Vec<i64> = [&[self.members()], shape].concat();
        Tensor::from_slice(&self.numbers).reshape(full).to_device(self.options.1)
    }

    /// Returns the state of the streams, for a checkpoint.
    ///
    /// # Panics
    /// Never: keys and whole numbers can be written.
    pub fn state(&self) -> Vec<u8> {
        serde_json::to_vec(&self.streams).expect("keys and numbers serialise")
    }

    /// Sets the streams to a state that [`Rng::state`] returned.
    ///
    /// # Panics
    /// If it is not a state of as many members.
    pub fn restore(&mut self, state: &[u8]) {
        let streams: Vec<Stream> = serde_json::from_slice(state).expect("a state of streams");
        assert_eq!(streams.len(), self.streams.len(), "state of another number of members");
        self.streams = streams;
    }
}

/// Writes the midpoints of random ones of 2^23 equal cells of (0, 1). With 2^24 cells the last midpoint
/// would need 25 bits and round to one.
fn uniforms(generator: &mut Xoshiro256PlusPlus, row: &mut [f32]) {
    let mut local = generator.clone(); // Stays in registers.
    row.fill_with(|| midpoint((local.next_u64() >> 41) as u32));
    *generator = local;
}

fn midpoint(cell: u32) -> f32 {
    (cell as f32 + 0.5) * (1.0 / 8_388_608.0)
}

/// Writes normal numbers: a block's first half from the cosines, its second from the sines.
fn normals(generator: &mut Xoshiro256PlusPlus, row: &mut [f32]) {
    // Blocks stay in the fastest cache between the generator and the transformation, which the widest
    // vectors of the machine do; they give the same bits, because nothing is summed or fused.
    let (mut radii, mut angles) = ([0; 512], [0; 512]);
    for block in row.chunks_mut(2 * radii.len()) {
        let half = block.len().div_ceil(2);
        let mut local = generator.clone();
        for (radius, angle) in radii.iter_mut().zip(&mut angles).take(half) {
            let word = local.next_u64();
            (*radius, *angle) = ((word >> 40) as u32, word as i32 >> 8);
        }
        *generator = local;
        if block.len() % 2 == 1 {
            block[half - 1] = box_muller(radii[half - 1], angles[half - 1]).0;
        }
        let (cosines, sines) = block.split_at_mut(half);
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let words = radii.iter().zip(&angles);
                for ((x, y), (radius, angle)) in cosines.iter_mut().zip(sines).zip(words) {
                    (*x, *y) = box_muller(*radius, *angle);
                }
            },
        );
    }
}

/// Returns the two normal numbers of a radius in `0..2^24` and an angle in `-2^23..2^23`.
///
/// The logarithm and the two waves are their power series on an interval so short that the last term
/// is below single precision, written without a branch or a call so that they vectorise.
#[inline(always)]
fn box_muller(radius: u32, angle: i32) -> (f32, f32) {
    const SQRT_HALF_BITS: u32 = 0x3f35_04f3;
    // ln u for u in (0, 1]: u = m 2^e with m in [sqrt(1/2), sqrt(2)), and ln m = 2 artanh s.
    let bits = ((radius as i32 + 1) as f32 * (1.0 / 16_777_216.0)).to_bits();
    let power = bits.wrapping_sub(SQRT_HALF_BITS) & 0xff80_0000;
    let e = ((power as i32) >> 23) as f32;
    let m = f32::from_bits(bits.wrapping_sub(power));
    let s = (m - 1.0) / (m + 1.0);
    let artanh = s * series(s * s, [1.0, 1.0 / 3.0, 1.0 / 5.0, 1.0 / 7.0]);
    let radius = (-2.0 * (e * LN_2 + 2.0 * artanh)).max(0.0).sqrt();

    // Half the angle is in [-pi/2, pi/2); double it by cos 2t = 1 - 2 sin^2 t and sin 2t = 2 sin t cos t.
    let t = angle as f32 * (PI / 16_777_216.0);
    let sin = t * series(t * t, SINE);
    let cos = series(t * t, COSINE);
    (radius * (1.0 - 2.0 * sin * sin), radius * (2.0 * sin * cos))
}

/// `(-1)^k / (2k + 1)!`.
const SINE: [f32; 6] =
    [1.0, -1.0 / 6.0, 1.0 / 120.0, -1.0 / 5040.0, 1.0 / 362_880.0, -1.0 / 39_916_800.0];

/// `(-1)^k / (2k)!`.
const COSINE: [f32; 7] = [
    1.0,
    -1.0 / 2.0,
    1.0 / 24.0,
    -1.0 / 720.0,
    1.0 / 40_320.0,
    -1.0 / 3_628_800.0,
    1.0 / 479_001_600.0,
];

/// Returns `c[0] + c[1] q + c[2] q^2 + ..`.
#[inline]
fn series<const N: usize>(q: f32, c: [f32; N]) -> f32 {
    c.iter().rev().fold(0.0, |sum, c| sum * q + c)
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
    fn extreme_cells_stay_inside_the_interval() {
        assert!(midpoint(0) > 0.0 && midpoint((1 << 23) - 1) < 1.0);
    }

    /// What the widest vectors of the machine write is what plain code writes, to the bit; an odd block has
    /// one cosine more than sines.
    #[test]
    fn vectors_do_not_change_a_bit() {
        let mut words = Xoshiro256PlusPlus::from_seed([7; 32]);
        let mut row = [0.0; 1001];
        normals(&mut words.clone(), &mut row);
        let (cosines, sines) = row.split_at(501);
        for (i, cosine) in cosines.iter().enumerate() {
            let word = words.next_u64();
            let plain = box_muller((word >> 40) as u32, word as i32 >> 8);
            assert_eq!(cosine.to_bits(), plain.0.to_bits());
            assert!(sines.get(i).is_none_or(|sine| sine.to_bits() == plain.1.to_bits()));
        }
    }

    /// Against double precision. Eight units in the last place of the largest number are 4e-6.
    #[test]
    fn box_muller_is_accurate_at_extremes_and_between() {
        let radii = [0, 1, 2, 1 << 12, (1 << 24) - 2, (1 << 24) - 1];
        let angles = [-(1 << 23), -(1 << 22), -1, 0, 1, 1 << 21, 1 << 22, (1 << 23) - 1];
        let grid = (0..1000u32).map(|i| i.wrapping_mul(2_654_435_761));
        let between = grid.map(|word| (word >> 8, word.wrapping_mul(97) as i32 >> 8));
        let corners = radii.into_iter().flat_map(|r| angles.map(|a| (r, a)));
        for (radius, angle) in corners.chain(between) {
            let (x, y) = box_muller(radius, angle);
            let r = (-2.0 * ((f64::from(radius) + 1.0) / 16_777_216.0).ln()).sqrt();
            let t = f64::from(angle) * std::f64::consts::PI / 8_388_608.0;
            assert_abs_diff_eq!(f64::from(x), r * t.cos(), epsilon = 4e-6);
            assert_abs_diff_eq!(f64::from(y), r * t.sin(), epsilon = 4e-6);
        }
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
