      * CUSTOMERS (C), EACH FOLLOWED BY THEIR BOOKINGS (B). VARIABLE RECORDS.
       01  LEDGER-RECORD.
           05  SEGMENT-ID       PIC X.
           05  CUSTOMER-NO      PIC 9(6).
           05  CUSTOMER.
               10  FULL-NAME    PIC X(20).
               10  PHONE-COUNT  PIC 9.
               10  PHONE OCCURS 0 TO 3 TIMES DEPENDING ON PHONE-COUNT
                                PIC X(12).
           05  BOOKING REDEFINES CUSTOMER.
               10  BOOKED-ON    PIC 9(8).
               10  AMOUNT       PIC S9(7)V99.
