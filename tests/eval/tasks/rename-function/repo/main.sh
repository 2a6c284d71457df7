. ./lib.sh
do_it
