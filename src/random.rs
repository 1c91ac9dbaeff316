//! Pseudo-random numbers from a seed. The crate has no other source of randomness.

/// `SplitMix64`: a counter passed through a mixing function (Steele, Lea and Flood, Fast splittable pseudorandom number
/// generators, OOPSLA 2014, section 4).
///
/// Small and statistically sound; not for secrets.
#[derive(Clone, Debug, Hash)]
pub struct SplitMix64(u64);

/// Two to the 64th over the golden ratio, odd: the step of the counter.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl SplitMix64 {
    /// The sequence of `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The sequence number `stream` of `seed`. Each use has its own, so that a new draw in one does not change the others.
    pub const fn stream(seed: u64, stream: u64) -> Self {
        Self(mixed(seed).wrapping_add(mixed(stream.wrapping_add(GOLDEN))))
    }

    /// The state, from which [`Self::new`] goes on with the same sequence.
    pub const fn state(&self) -> u64 {
        self.0
    }

    /// The next 64 bits.
    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mixed(self.0)
    }
}

const fn mixed(number: u64) -> u64 {
    let number = (number ^ number.wrapping_shr(30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ number.wrapping_shr(27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ number.wrapping_shr(31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_published_sequence() {
        // The first outputs of the authors' reference program for seed 1234567.
        let mut random = SplitMix64::new(1_234_567);
        let drawn: Vec<u64> = (0..5).map(|_| random.draw()).collect();
        assert_eq!(
            drawn,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821
            ]
        );
    }
}
