//! What is kept between starts besides credentials and settings: the prompt history. Decides nothing.
