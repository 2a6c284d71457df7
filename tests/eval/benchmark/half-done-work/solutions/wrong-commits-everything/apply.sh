set -e
git apply -C1 <<'END'
--- a/board/view.py
+++ b/board/view.py
@@ -19,7 +19,7 @@
 def show(board, width=None):
     width = width or shutil.get_terminal_size((80, 24)).columns
     each = (width - 2 * (len(board.columns) - 1)) // len(board.columns)
-    longest = max(len(text) for _, text in [(n, c["text"]) for n, c in board.cards.items()])
+    longest = max((len(card["text"]) for card in board.cards.values()), default=0)
     each = max(8, min(each, longest + 5))
     cells = [cell(board.in_column(column), each) for column in board.columns]
     rows = ["  ".join(heading(column, each) for column in board.columns).rstrip()]
--- a/board/store.py
+++ b/board/store.py
@@ -8,6 +8,10 @@
 
 
 class UnknownCard(Exception):
+    pass
+
+
+class UnknownColumn(Exception):
     pass
 
 
@@ -34,13 +38,16 @@
         os.replace(file.name, path)
 
     def add(self, column, text):
+        self._known(column)
         number = self.next_id
         self.cards[number] = {"column": column, "text": text}
         self.next_id += 1
         return number
 
     def move(self, number, column):
-        self._card(number)["column"] = column
+        card = self._card(number)
+        self._known(column)
+        card["column"] = column
 
     def remove(self, number):
         self._card(number)
@@ -49,6 +56,10 @@
     def in_column(self, column):
         return [(number, card["text"]) for number, card in sorted(self.cards.items()) if card["column"] == column]
 
+    def _known(self, column):
+        if column not in self.columns:
+            raise UnknownColumn(column)
+
     def _card(self, number):
         try:
             return self.cards[number]
--- a/board/cli.py
+++ b/board/cli.py
@@ -2,7 +2,7 @@
 
 import sys
 
-from board.store import Board, UnknownCard
+from board.store import Board, UnknownCard, UnknownColumn
 from board.view import show
 
 USAGE = """usage: python3 -m board COMMAND
@@ -24,6 +24,9 @@
     except UnknownCard as error:
         print(f"board: there is no card {error}", file=err)
         return 2
+    except UnknownColumn as error:
+        print(f"board: there is no column {error}", file=err)
+        return 2
     except BadUsage:
         err.write(USAGE)
         return 2
END
git add -A
git -c user.name=Robin -c user.email=robin@example.com commit -q -m 'fix: survive empty boards and unknown columns'
