#ifndef REPORT_H
#define REPORT_H

#include "track.h"
#include "units.h"

void report(const struct track *track, const struct unit *unit);

#endif
