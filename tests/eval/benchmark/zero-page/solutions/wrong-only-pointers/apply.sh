git apply -C1 <<'END'
--- a/cpu.c
+++ b/cpu.c
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
@@ -1791,3 +1791,3 @@
 		addr = cpu->mem[ptr];
-		addr |= (uint16_t)(cpu->mem[ptr + 1] << 8);
+		addr |= (uint16_t)(cpu->mem[(uint8_t)(ptr + 1)] << 8);
 		addr = (uint16_t)(addr + cpu->y);
END
