//! What is compared: the numbers as they are, or what a network makes of pictures.

mod cache;
mod network;
mod picture;

pub(crate) use cache::{Cache, network_key};
pub(crate) use network::{Network, Protocol};
pub(crate) use picture::{Layout, Order, Pictures, Range};

use std::path::Path;

use anyhow::{Result, bail};

use crate::args::Args;

/// What rows are made of.
pub(crate) enum Features {
    /// The numbers of the files.
    Pixels,
    /// What a network makes of pictures.
    Network(Network),
}

impl Features {
    /// Returns what was asked for.
    ///
    /// # Errors
    /// If a network is missing, damaged, or not trusted.
    pub(crate) fn of(args: &Args) -> Result<Self> {
        match args.features.as_str() {
            "pixels" => Ok(Self::Pixels),
            "inception" => Ok(Self::Network(Network::inception()?)),
            file if Path::new(file).extension().is_some_and(|ending| ending == "pt") => {
                if !args.trust_code {
                    bail!(
                        "{file} is a program, which would run: say --trust-code if you trust whoever made it"
                    );
                }
                let side = args.resize.map(i64::from);
                Ok(Self::Network(Network::own(Path::new(file), side, args.takes)?))
            }
            other => {
                bail!("--features {other}: there are pixels, inception, and files that end in .pt")
            }
        }
    }

    pub(crate) fn network(&self) -> Option<&Network> {
        match self {
            Self::Pixels => None,
            Self::Network(network) => Some(network),
        }
    }
}
