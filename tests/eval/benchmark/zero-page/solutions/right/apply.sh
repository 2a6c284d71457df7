git apply -C1 <<'END'
--- a/cpu.c
+++ b/cpu.c
@@ -190,3 +190,3 @@
 		addr = fetch(cpu);
-		addr = addr + cpu->y;
+		addr = (uint8_t)(addr + cpu->y);
 		value = cpu_read(cpu, addr);
@@ -355,3 +355,3 @@
 		addr = fetch(cpu);
-		addr = addr + cpu->x;
+		addr = (uint8_t)(addr + cpu->x);
 		cpu_write(cpu, addr, cpu->y);
@@ -540,3 +540,3 @@
 		addr = cpu->mem[ptr];
-		addr |= (uint16_t)(cpu->mem[ptr + 1] << 8);
+		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
 		if ((addr & 0xff) + cpu->y > 0xff)
@@ -607,3 +607,3 @@
 		addr = cpu->mem[ptr];
-		addr |= (uint16_t)(cpu->mem[ptr + 1] << 8);
+		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
 		value = cpu_read(cpu, addr);
@@ -916,3 +916,3 @@
 		addr = cpu->mem[ptr];
-		addr |= (uint16_t)(cpu->mem[ptr + 1] << 8);
+		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
 		if ((addr & 0xff) + cpu->y > 0xff)
@@ -1252,3 +1252,3 @@
 		addr = fetch(cpu);
-		addr = addr + cpu->x;
+		addr = (uint8_t)(addr + cpu->x);
 		value = cpu_read(cpu, addr);
@@ -1791,3 +1791,3 @@
 		addr = cpu->mem[ptr];
-		addr |= (uint16_t)(cpu->mem[ptr + 1] << 8);
+		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
 		addr = (uint16_t)(addr + cpu->y);
END
