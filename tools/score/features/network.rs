//! TorchScript networks.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use serde::Serialize;
use tch::{CModule, Kind, Tensor};

use super::Range;
use crate::input;

/// The Inception network of the Frechet distance's usual protocol, as `scripts/setup.py inception` fetches it: 2,048
/// features of its last pooling.
const INCEPTION: &str = ".deps/inception/inception.pt";
/// Of the file of which `scripts/setup.py` has the SHA-256.
const INCEPTION_BLAKE3: &str = "2b2339d8bce015b068ec38e4d1458dcba3f23db59f750b571d93387c0c3d7c9b";
const INCEPTION_SIDE: i64 = 299;

/// A network that takes pictures.
pub(crate) struct Network {
    pub(crate) name: String,
    module: CModule,
    protocol: Protocol,
    /// Whether grey pictures become coloured ones.
    colours: bool,
}

/// What a network's features depend on beside the pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Protocol {
    /// BLAKE3 of the network's file.
    pub(crate) blake3: String,
    /// The side that pictures are resized to, bilinear with antialiasing, corners not aligned.
    pub(crate) resize: Option<i64>,
    /// The range of values that it takes.
    pub(crate) takes: Range,
}

impl Network {
    /// Returns the pinned Inception network, of the repository in which the program was built or runs.
    ///
    /// # Errors
    /// If it is not there, or not what was pinned: it is a program, and no other is run under this name.
    pub(crate) fn inception() -> Result<Self> {
        let run = "run `python3 scripts/setup.py inception` in the repository, once";
        let Some(path) = installed() else { bail!("inception is not here: {run}") };
        let hash = input::hash(&path)?;
        if hash != INCEPTION_BLAKE3 {
            bail!(
                "{}: is not the network that was pinned, and is not loaded; {run}",
                path.display()
            );
        }
        let protocol =
            Protocol { blake3: hash, resize: Some(INCEPTION_SIDE), takes: Range::Symmetric };
        Self::load(&path, "inception".to_owned(), protocol, true)
    }

    /// Returns a network of the user's.
    ///
    /// # Errors
    /// If it is no TorchScript.
    pub(crate) fn own(path: &Path, resize: Option<i64>, takes: Range) -> Result<Self> {
        let protocol = Protocol { blake3: input::hash(path)?, resize, takes };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self::load(path, name, protocol, false)
    }

    fn load(path: &Path, name: String, protocol: Protocol, colours: bool) -> Result<Self> {
        let mut module = CModule::load(path).map_err(|_| {
            anyhow!("{}: is no TorchScript; write it with torch.jit.save", path.display())
        })?;
        module.set_eval();
        Ok(Self { name, module, protocol, colours })
    }

    pub(crate) fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// Returns what the network makes of pictures, `[n, numbers]`.
    ///
    /// # Shapes
    /// `pictures`: `[n, colours, height, width]`, in 0 to 255.
    ///
    /// # Errors
    /// If it does not take them.
    pub(crate) fn outputs(&self, pictures: &Tensor) -> Result<Tensor> {
        let _guard = tch::no_grad_guard();
        let mut x = pictures.to_kind(Kind::Float);
        if let Some(side) = self.protocol.resize {
            x = x.internal_upsample_bilinear2d_aa([side, side], false, None, None);
        }
        let size = x.size();
        if self.colours && size[1] == 1 {
            x = x.expand([-1, 3, -1, -1], false);
        }
        let x = self.protocol.takes.of_bytes(&x);
        let said = self.module.forward_ts(&[x]).map_err(|error| {
            let text = error.to_string();
            let last = text.lines().map(str::trim).rfind(|line| !line.is_empty());
            anyhow!("{}", last.unwrap_or("for no known reason").to_owned())
        });
        let outputs = said
            .with_context(|| format!("{} does not take pictures of {:?}", self.name, &size[1..]))?;
        let rows = outputs.size().first().copied().unwrap_or(0);
        if rows != size[0] || outputs.numel() == 0 {
            bail!(
                "{} makes {:?} of {rows} pictures, and not a row of each",
                self.name,
                outputs.size()
            );
        }
        Ok(outputs.reshape([rows, -1]).to_kind(Kind::Float))
    }
}

/// Where the pinned network lies: below the working directory, or below a folder that the program lies in.
fn installed() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let above = program.iter().flat_map(|path| path.ancestors().skip(1));
    let folders = std::iter::once(Path::new("")).chain(above);
    folders.map(|folder| folder.join(INCEPTION)).find(|path| path.is_file())
}
