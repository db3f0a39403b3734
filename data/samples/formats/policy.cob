      * POLICIES AS THE NIGHTLY UNLOAD WRITES THEM. FIXED RECORDS, CODE PAGE 1047.
       01  POLICY.
           05  POLICY-NO        PIC X(8).
           05  KIND             PIC X.
               88  HOUSEHOLD    VALUE 'A'.
               88  MOTOR        VALUE 'B'.
           05  SIGNED-UP        PIC 9(8).
           05  PREMIUM          PIC S9(7)V99 COMP-3.
           05  CLAIMS           PIC S9(4)    COMP.
           05  FILLER           PIC X(4).
