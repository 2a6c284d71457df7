# Makes units.h and units.c from a table: name, factor for metres a second, how it is written.
set -e
{
	echo '#ifndef UNITS_H'
	echo '#define UNITS_H'
	echo
	echo 'struct unit { const char *name; double factor; const char *sign; };'
	echo
	echo "extern const struct unit UNITS[];"
	echo "enum { UNIT_COUNT = $(wc -l < "$1") };"
	echo
	echo '#endif'
} > units.h
{
	echo '#include "units.h"'
	echo
	echo 'const struct unit UNITS[] = {'
	while read -r name factor sign; do
		echo "	{\"$name\", $factor, \"$sign\"},"
	done < "$1"
	echo '};'
} > units.c
