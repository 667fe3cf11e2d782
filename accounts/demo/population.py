"""Names and towns that are as common and as rare among many invented people as they are in France."""

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import Generic, NamedTuple, TypeVar


def _words(lines: str) -> list[str]:
    return lines.split()


FAMILIES = _words("""
Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy Roux David
Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefèvre Faure Andre Mercier
Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel
Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard Giraud Joly
Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard
Roger Fabre Aubert Lemoine Renaud Dumas Lacroix Olivier Philippe Bourgeois Pierre Benoit Rey Leclerc Payet Rolland
Leclercq Guillaume Lecomte Lopez Jean Dupuy Guillot Hubert Berger Carpentier Sanchez Dupuis Moulin Louis Deschamps
Huet Vasseur Perez Boucher Fleury Royer Klein Jacquet Adam Paris Poirier Marty Aubry Guyot Carré Charles Renault
Charpentier Ménard Maillard Baron Bertin Bailly Hervé Schneider Fernandez Le_Gall Collet Léger Bouvier Julien Prévost
Millet Perrot Daniel Cousin Germain Breton Besson Langlois Rémy Le_Goff Pelletier Lévêque Perrier Leblanc Barre Lebrun
Marchal Weber Mallet Hamon Boulanger Jacob Monnier Michaud Rodriguez Guichard Gillet Étienne Grondin Poulain Tessier
Chevallier Collin Chauvin Da_Silva Bouchet Gay Lemaître Bénard Maréchal Humbert Reynaud Antoine Hoarau Perret
Barthélemy Cordier Pichon Lejeune Gilbert Lamy Delaunay Pasquier Carlier Laporte N’Diaye Traoré Nguyen Diallo
""")
GIVEN = _words("""
Marie Jean Pierre Michel André Philippe Louis Jeanne Françoise Monique Catherine Nathalie Isabelle Jacques Anne Alain
Sylvie Bernard Patrick Daniel Martine Nicolas Christophe Christine Claude Laurent Jean-Pierre Jacqueline Frédéric Éric
Stéphane Valérie David Sandrine Anne-Marie Julien Sébastien Véronique Dominique Christian Thomas Nicole Hélène
Brigitte Olivier Gérard Céline Chantal Thierry Pascal Camille Patricia Marguerite Alexandre Bruno Élisabeth Yvonne
Guillaume Stéphanie Madeleine Julie Didier Annie Denise René François Sophie Vincent Antoine Corinne Gilles Romain
Kevin Aurélie Marie-Claude Paulette Georges Jérôme Emma Léa Hugo Lucas Chloé Manon Inès Mohamed Fatima Karim Nadia
Yann Loïc Maëlle Zoé Jules Louise Gabriel Raphaël Adam Jade
""")
CITIES = _words("""
Paris Lyon Marseille Toulouse Nice Nantes Montpellier Strasbourg Bordeaux Lille Rennes Reims Toulon Saint-Étienne
Le_Havre Grenoble Dijon Angers Villeurbanne Saint-Denis Nîmes Clermont-Ferrand Aix-en-Provence Le_Mans Brest Tours
Amiens Limoges Annecy Boulogne-Billancourt Metz Perpignan Besançon Orléans Rouen Mulhouse Caen Nancy Argenteuil
Saint-Paul Roubaix Tourcoing
""")
SYLLABLES = _words("""
ba bel bou car cha cor da del dou fa fer gar go jan la lan lec ma mar mon na ou pa pel per qui ra ri rou sa ser ta
tour va vi
""")
RARE_FAMILIES, POSTCODES = 30_000, 4000
MOST_GIVEN = 3
PLACES = (("69003", "Lyon"), ("44000", "Nantes"), ("75015", "Paris"))
One = TypeVar("One")


class NameAndTown(NamedTuple):
    """What somebody is called, and the postcode and the town where he lives."""

    family_name: str
    given_names: str
    postcode: str
    city: str


class Ranked(Generic[One]):
    """Values of which the first is the most common, as words are (Zipf); a higher `power` makes the rare ones rarer."""

    def __init__(self, values: Sequence[One], power: float):
        self.values = values
        self.weights = list(accumulate(1 / (place + 3) ** power for place in range(len(values))))

    def some(self, draw: random.Random, count: int) -> list[One]:
        return draw.choices(self.values, cum_weights=self.weights, k=count)


class Population:
    """The same people in the same order each time: nothing secret is drawn here."""

    def __init__(self, seed: int = 1984):
        self.draw = random.Random(seed)  # noqa: S311 - the same people each time, of whom nothing is secret
        known = [family.replace("_", " ") for family in FAMILIES]
        self.families = Ranked([*known, *(self._syllables() for _ in range(RARE_FAMILIES))], 0.8)
        self.given = Ranked(GIVEN, 0.9)
        postcodes = [f"{self.draw.randrange(1000, 95999):05}" for _ in range(POSTCODES)]
        self.places = Ranked([*PLACES, *zip(postcodes, self._towns(), strict=False)], 0.8)

    def person(self) -> NameAndTown:
        return next(self.people(1))

    def people(self, count: int) -> Iterator[NameAndTown]:
        """Drawn together, which takes half as long as one by one."""
        numbers = self.draw.choices(range(1, MOST_GIVEN + 1), k=count)
        given = iter(self.given.some(self.draw, sum(numbers)))
        families, places = self.families.some(self.draw, count), self.places.some(self.draw, count)
        for number, family, place in zip(numbers, families, places, strict=True):
            yield NameAndTown(family, " ".join(dict.fromkeys(islice(given, number))), *place)

    def _towns(self) -> Iterator[str]:
        yield from (city.replace("_", " ") for city in CITIES)
        while True:
            yield self._syllables()

    def _syllables(self) -> str:
        return "".join(self.draw.choices(SYLLABLES, k=3)).capitalize()
