"""A figure before it stands anywhere: its question, its answer, its marks, and the sheet of its table and CSV."""

from dataclasses import dataclass

from clinics.chart_marks import Figure, Plot
from crm.figures.sheets import Sheet


@dataclass(frozen=True)
class Picture:
    """`key` is its name in addresses and on the page; `explains` are the keys of the words that define its figures."""

    key: str
    question: str
    answer: str
    plot: Plot
    sheet: Sheet
    legend: tuple = ()
    foot: str = ""
    explains: tuple = ()

    def figure(self, csv_url=""):
        """As the charts of the house draw it."""
        return Figure(
            key=self.key,
            question=self.question,
            answer=self.answer,
            plot=self.plot,
            table=self.sheet.table(),
            csv_url=csv_url,
            legend=self.legend,
            foot=self.foot,
        )
