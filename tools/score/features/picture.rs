//! Arrays of pictures: the order of their axes and the range of their values.

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use gan::net::ImageShape;
use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::input::Element;

/// Where the colours of an array of pictures lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Order {
    /// [rows, colours, height, width], as PyTorch has it
    Nchw,
    /// [rows, height, width, colours], as TensorFlow and picture files have it
    Nhwc,
}

/// In which range the values of pictures lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Range {
    /// 0 to 255
    Bytes,
    /// 0 to 1
    Unit,
    /// -1 to 1
    Symmetric,
}

impl Range {
    /// Returns the range of values of a kind that lie between two ends.
    ///
    /// # Errors
    /// If they fit none.
    pub(crate) fn of(element: Element, low: f64, high: f64) -> Result<Self> {
        match element {
            Element::U8 => Ok(Self::Bytes),
            Element::Bool => Ok(Self::Unit),
            _ => {
                let ranges = [Self::Unit, Self::Symmetric, Self::Bytes];
                let known = ranges.into_iter().find(|range| range.holds(low) && range.holds(high));
                known.with_context(|| {
                    format!(
                        "has values from {low} to {high}, and those of pictures lie in 0 to 255, 0 to 1 or -1 to 1; scale them"
                    )
                })
            }
        }
    }

    /// Returns what 0 to 255 is divided by and then lowered by.
    pub(crate) fn map(self) -> (f64, f64) {
        match self {
            Self::Bytes => (1.0, 0.0),
            Self::Unit => (255.0, 0.0),
            Self::Symmetric => (127.5, 1.0),
        }
    }

    /// Returns a value of this range as one of 0 to 255.
    pub(crate) fn to_bytes(self, value: f64) -> f64 {
        let (scale, shift) = self.map();
        (value + shift) * scale
    }

    /// Returns values of 0 to 255 in this range.
    pub(crate) fn of_bytes(self, values: &Tensor) -> Tensor {
        let (scale, shift) = self.map();
        values / scale - shift
    }

    /// Whether a value lies in it, but for the rounding of single precision.
    pub(crate) fn holds(self, value: f64) -> bool {
        (-1e-3..=255.001).contains(&self.to_bytes(value))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bytes => "0 to 255",
            Self::Unit => "0 to 1",
            Self::Symmetric => "-1 to 1",
        }
    }
}

/// How the pictures of an array lie in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) shape: ImageShape,
    pub(crate) order: Order,
}

impl Layout {
    /// Returns the layout of an array of so many axes.
    ///
    /// # Errors
    /// If it is of no pictures, or could be of either order.
    pub(crate) fn of(shape: &[usize], order: Option<Order>) -> Result<Self> {
        let size = |at: usize| shape[at] as i64;
        let (channels, height, width, order) = match (shape.len(), order) {
            (3, _) => (1, size(1), size(2), Order::Nchw),
            (4, Some(Order::Nchw)) => (size(1), size(2), size(3), Order::Nchw),
            (4, Some(Order::Nhwc)) => (size(3), size(1), size(2), Order::Nhwc),
            (4, None) => match [1, 3].map(|axis| matches!(shape[axis], 1 | 3)) {
                [true, false] => (size(1), size(2), size(3), Order::Nchw),
                [false, true] => (size(3), size(1), size(2), Order::Nhwc),
                _ => bail!(
                    "has the shape {shape:?}, which does not tell where colours lie; say --order"
                ),
            },
            _ => bail!(
                "has the shape {shape:?}; pictures are [rows, colours, height, width], [rows, height, width, colours] or [rows, height, width]"
            ),
        };
        Ok(Self { shape: ImageShape { channels, height, width }, order })
    }

    /// Returns the place in a row of an array of each number of a picture with its colours first.
    pub(crate) fn columns(self) -> Vec<i64> {
        let ImageShape { channels, height, width } = self.shape;
        let numbers = 0..channels * height * width;
        match self.order {
            Order::Nchw => numbers.collect(),
            Order::Nhwc => {
                let pixels = height * width;
                numbers.map(|number| number % pixels * channels + number / pixels).collect()
            }
        }
    }

    /// Returns rows of pictures with their colours first as maps, `[n, colours, height, width]`.
    pub(crate) fn maps(self, rows: &Tensor) -> Tensor {
        let ImageShape { channels, height, width } = self.shape;
        rows.reshape([-1, channels, height, width])
    }

    /// Appends a row of an array, colours first and in 0 to 255.
    pub(crate) fn append(self, row: &[f64], range: Range, into: &mut Vec<f32>) {
        let byte = |value: f64| range.to_bytes(value) as f32;
        match self.order {
            Order::Nchw => into.extend(row.iter().map(|value| byte(*value))),
            Order::Nhwc => {
                let channels = self.shape.channels as usize;
                for channel in 0..channels {
                    into.extend(row.iter().skip(channel).step_by(channels).map(|x| byte(*x)));
                }
            }
        }
    }
}

/// Some pictures of a sample.
pub(crate) struct Pictures {
    /// Colours first, in 0 to 255, `[n, numbers of a picture]`.
    pub(crate) rows: Tensor,
    pub(crate) shape: ImageShape,
}
