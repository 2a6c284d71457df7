#ifndef TRACK_H
#define TRACK_H

struct position {
	double latitude, longitude;
};

const double EARTH_RADIUS = 6371008.8;

/* Metres between two positions, along the surface. */
double distance(struct position from, struct position to);

#endif
