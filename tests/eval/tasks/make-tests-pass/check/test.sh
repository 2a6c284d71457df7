#!/bin/sh
test "$(sh sum.sh 2 3)" = 5 && test "$(sh sum.sh 10 -4)" = 6
