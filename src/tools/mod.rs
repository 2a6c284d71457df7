//! What the model may do in the folder, one file per tool. Knows neither the model nor the screen.
