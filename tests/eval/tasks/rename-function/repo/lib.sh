do_it() {
  echo built
}
