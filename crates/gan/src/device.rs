//! Where tensors live and how many threads libtorch may use.

use tch::{Device, Kind, Tensor};

/// Tells libtorch to use one thread for the calling thread's operations.
///
/// Parallelism is over cells, and a sum over two threads differs in its last bits from a sum over
/// one; call this first in `main` and at the start of every worker thread.
pub fn prepare_thread() {
    tch::set_num_threads(1);
}

/// Returns whether libtorch sees a CUDA device.
pub fn cuda_is_available() -> bool {
    tch::Cuda::is_available()
}

/// The kind and device of a computation's tensors.
pub type Options = (Kind, Device);

/// Single precision on the CPU.
pub const CPU: Options = (Kind::Float, Device::Cpu);

/// Returns one `f64` per member of a `[members]` tensor.
///
/// # Panics
/// If the tensor is not one-dimensional.
pub fn per_member(values: &Tensor) -> Vec<f64> {
    assert_eq!(values.dim(), 1, "expected a [members] tensor, got {:?}", values.size());
    to_vec(values)
}

/// Returns the elements of any tensor in row-major order.
///
/// # Panics
/// If the tensor has no storage to read (it is undefined).
pub fn to_vec(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.detach().to_device(Device::Cpu).to_kind(Kind::Double).flatten(0, -1);
    Vec::<f64>::try_from(&flat).expect("a flat double tensor converts")
}
