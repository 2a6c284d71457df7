//! Pictures for the model: recognised, decoded, made small enough, and written anew.

pub mod image;
pub mod pixels;
pub mod raster;
pub mod view_image;
