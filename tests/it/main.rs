//! The built programs from outside, and the rules of the architecture.

mod architecture;
mod checkpoint;
mod divergence;
mod drills;
mod errors;
mod house;
mod learning;
mod new_experiment;
mod page;
mod programs;
mod score;
mod scripts;
